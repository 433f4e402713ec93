/** Groups the arms of a classification run: seeds of one kind together, and each kind with full fine-tuning. */
import type { ArmDescription } from '../../protocol/run/run.ts';
import type { GapReference } from './classificationResults.ts';
import type { Prediction } from './labelModel.ts';

/** The predictions of every arm that has a result, by its id. */
export type PredictionsByArm = ReadonlyMap<string, readonly Prediction[]>;

export interface ArmKind {
  /** The arms' id without their seed. */
  readonly name: string;
  readonly arms: readonly ArmDescription[];
}

/** Arms that differ in their seed alone, in the order of the run. */
export function armKinds(descriptions: readonly ArmDescription[]): readonly ArmKind[] {
  const kinds = new Map<string, ArmDescription[]>();
  for (const arm of descriptions) {
    const name = arm.id.replace(/-s\d+(?=-|$)/, '');
    kinds.set(name, [...(kinds.get(name) ?? []), arm]);
  }
  return [...kinds].map(([name, arms]) => ({ name, arms }));
}

/**
 * Full fine-tuning on the same examples (one entry a learning rate), seed by seed. Neither the base, which no choice of
 * rank made, nor full fine-tuning itself is compared with it.
 */
export function gapReferences(
  kind: ArmKind,
  kinds: readonly ArmKind[],
  predictions: PredictionsByArm,
): readonly GapReference[] {
  const [first] = kind.arms;
  if (first?.method !== 'lora') return [];
  const full = kinds.filter(({ arms: [arm] }) => arm?.method === 'full' && arm.minority === first.minority);
  return full.flatMap(({ name, arms }) => {
    const pairs = kind.arms.flatMap((arm) => {
      const own = predictions.get(arm.id);
      const reference = arms.find(({ seed }) => seed === arm.seed);
      const other = reference && predictions.get(reference.id);
      return own && other ? [{ own, full: other }] : [];
    });
    return pairs.length === 0 ? [] : [{ name, pairs }];
  });
}
