/** What arms are like between two steps of their training: loss, distance from the base, toxicity. */
import type { Prompt } from '../../dataset/readPrompts.ts';
import { isMeasured, measuredOf } from '../../protocol/estimate.ts';
import { meanLoss } from '../../metrics/perplexity.ts';
import { toxicityRate } from '../../metrics/toxicityRate.ts';
import { meanOf, measureDivergence } from './divergence.ts';
import type { ExperimentPorts } from '../ports/experimentPorts.ts';
import { judgeCompletions, toxicity } from './judgeCompletions.ts';
import type { Pair } from '../ports/modelPort.ts';
import { samplingOptions, type PlannedSweep } from '../sweep/sweepOptions.ts';
import type { Boundary } from '../ports/trainerPort.ts';

/** What arms are probed on: nothing that a result is read from. */
export interface ProbedOn {
  readonly prompts: readonly Pick<Prompt, 'prompt' | 'frame'>[];
  /** The tune pairs; empty where there are none, and no loss is measured then. */
  readonly pairs: readonly Pair[];
}

export interface ProbeWork {
  readonly sweep: PlannedSweep;
  readonly probedOn: ProbedOn;
  /** Steps of earlier rounds. */
  readonly offset: number;
}

/**
 * Measures the arms of a boundary and appends a `probe` event for each; the base, which does not change, before the first
 * step only. Resolves with the held-out loss of each arm that has one.
 */
export async function probeArms(
  { step: own, arms }: Boundary,
  { sweep, probedOn, offset }: ProbeWork,
  { model, writer, signal, judge }: ExperimentPorts,
): Promise<ReadonlyMap<string, number>> {
  const step = own + offset;
  const prompts = probedOn.prompts.map(({ prompt }) => prompt);
  const divergences = await measureDivergence(model, arms, prompts, signal);
  const shown = step === 0 ? ['base', ...arms] : arms;
  const completions = await model.complete(shown, prompts, samplingOptions(sweep), undefined, signal);
  const verdicts = await judgeCompletions(judge, completions, prompts, signal);
  const losses = probedOn.pairs.length > 0 ? await model.pairLosses(shown, probedOn.pairs, signal) : [];
  const found = new Map<string, number>();
  for (const [index, arm] of shown.entries()) {
    const lines = divergences[arm === 'base' ? 0 : arms.indexOf(arm) + 1] ?? [];
    const of = completions.flatMap((completion, i) => (completion.arm === arm ? [{ completion, i }] : []));
    const toxic = of.map(({ i }) => toxicity(verdicts[i]));
    const frames = of.map(
      ({ completion }) => probedOn.prompts[completion.promptIndex]?.frame ?? completion.promptIndex,
    );
    const rate = measuredOf(toxicityRate(toxic, frames, sweep.evaluation).toxicity);
    const held = meanLoss(losses[index] ?? []);
    const measured = {
      kl: meanOf(lines.map((line) => line.kl)),
      entropy: meanOf(lines.map((line) => line.entropy)),
      ...{ toxicityRate: rate?.value, toxicityLow: rate?.low, toxicityHigh: rate?.high },
      ...(isMeasured(held) && { heldOutLoss: held.loss, heldOutTokens: held.tokens }),
    };
    writer.append({ type: 'probe', arm, step, ...withoutUndefined(measured), n: prompts.length });
    if (isMeasured(held)) found.set(arm, held.loss);
  }
  return found;
}

/** The fields that hold a number. */
function withoutUndefined<K extends string>(
  fields: Readonly<Partial<Record<K, number | undefined>>>,
): Partial<Record<K, number>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<
    Record<K, number>
  >;
}
