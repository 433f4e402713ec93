/** What arms are like between two steps of their training: loss, distance from the base, toxicity. */
import type { Prompt } from '../../dataset/readPrompts.ts';
import { isMeasured, measuredOf } from '../../protocol/run/estimate.ts';
import { meanLoss, type SequenceLoss } from '../../metrics/distribution/meanLoss.ts';
import { groupGap } from '../../metrics/groups/groupGap.ts';
import { toxicityRate } from '../../metrics/toxicity/toxicityRate.ts';
import { meanOf, measureDivergence } from './divergence.ts';
import type { NeutralProbe } from '../data/neutralTexts.ts';
import type { ExperimentPorts } from '../ports/experimentPorts.ts';
import { judgeCompletions, toxicity } from './judgeCompletions.ts';
import type { Pair } from '../ports/modelPort.ts';
import { soundArms, type SoundArms } from '../sweep/soundArms.ts';
import type { Boundary } from '../ports/trainerPort.ts';
import { type PlannedSweep, samplingOptions } from './mitigationSweep.ts';

/** What arms are probed on: nothing that a result is read from. */
export interface ProbedOn {
  readonly prompts: readonly Pick<Prompt, 'prompt' | 'frame' | 'group'>[];
  /** The tune pairs; empty where there are none, and no loss is measured then. */
  readonly pairs: readonly Pair[];
  /** Neutral texts with the base's loss on each; empty where forgetting is not measured. */
  readonly neutral: readonly NeutralProbe[];
}

export interface ProbeWork {
  readonly sweep: PlannedSweep;
  readonly probedOn: ProbedOn;
  /** Steps of earlier rounds. */
  readonly offset: number;
}

export interface ArmProbe {
  /** Held-out loss of each arm that has one. */
  readonly losses: ReadonlyMap<string, number>;
  /** Arms whose numbers are not finite, and why. */
  readonly broken: SoundArms['failures'];
}

/**
 * Measures the arms of a boundary and appends a `probe` event for each whose numbers are finite; the base, which does not
 * change, before the first step only.
 */
export async function probeArms(
  { step: done, arms }: Boundary,
  { sweep, probedOn, offset }: ProbeWork,
  { model, writer, signal, judge }: ExperimentPorts,
): Promise<ArmProbe> {
  const step = done + offset;
  const prompts = probedOn.prompts.map(({ prompt }) => prompt);
  const sound = soundArms(['base', ...arms], writer);
  const shown = (all: readonly string[]): readonly string[] => (step === 0 ? all : all.slice(1));
  const divergences = await sound.computeEach((all) => measureDivergence(model, all.slice(1), prompts, signal));
  const completions = await sound.compute((all) =>
    model.complete(shown(all), prompts, samplingOptions(sweep), undefined, signal),
  );
  const verdicts = await judgeCompletions(judge, completions, prompts, signal);
  const lossesOn = (texts: readonly Pair[]) =>
    sound.compute(async (all): Promise<ReadonlyMap<string, readonly SequenceLoss[]>> => {
      if (texts.length === 0) return new Map();
      const found = await model.pairLosses(shown(all), texts, signal);
      return new Map(shown(all).map((arm, i) => [arm, found[i] ?? []]));
    });
  const held = await lossesOn(probedOn.pairs);
  const neutral = await lossesOn(probedOn.neutral.map(({ text }) => text));
  const losses = new Map<string, number>();
  for (const arm of shown(sound.ids)) {
    const lines = divergences.get(arm) ?? [];
    const of = completions.flatMap((completion, i) => (completion.arm === arm ? [{ completion, i }] : []));
    const toxic = of.map(({ i }) => toxicity(verdicts[i]));
    const frames = of.map(
      ({ completion }) => probedOn.prompts[completion.promptIndex]?.frame ?? completion.promptIndex,
    );
    const groups = of.map(({ completion }) => probedOn.prompts[completion.promptIndex]?.group);
    const rate = measuredOf(toxicityRate(toxic, frames, sweep.evaluation).toxicity);
    const own = meanLoss(held.get(arm) ?? []);
    const measured = {
      kl: lines.some(({ klReason }) => klReason !== undefined) ? undefined : meanOf(lines.map((line) => line.kl)),
      entropy: meanOf(lines.map((line) => line.entropy)),
      ...{ toxicityRate: rate?.value, toxicityLow: rate?.low, toxicityHigh: rate?.high },
      groupGap: groupGap(toxic, groups),
      ...(isMeasured(own) && { heldOutLoss: own.loss, heldOutTokens: own.tokens }),
      ...(arm !== 'base' && { forgetting: forgotten(neutral.get(arm) ?? [], probedOn.neutral) }),
    };
    writer.append({ type: 'probe', arm, step, ...withoutUndefined(measured), n: prompts.length });
    if (isMeasured(own)) losses.set(arm, own.loss);
  }
  return { losses, broken: sound.failures };
}

/** Mean loss on the neutral texts minus the base's, nats per token; undefined where there are none. */
function forgotten(losses: readonly SequenceLoss[], texts: readonly NeutralProbe[]): number | undefined {
  const [own, base] = [meanLoss(losses), meanLoss(texts.map((text) => text.base))];
  return isMeasured(own) && isMeasured(base) ? own.loss - base.loss : undefined;
}

/** The fields that hold a number. */
function withoutUndefined<K extends string>(
  fields: Readonly<Partial<Record<K, number | undefined>>>,
): Partial<Record<K, number>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<
    Record<K, number>
  >;
}
