/** What arms are like between two steps of their training: loss, distance from the base, toxicity. */
import type { Prompt } from '../../dataset/readPrompts.ts';
import { isMeasured, measuredOf } from '../../protocol/estimate.ts';
import { meanLoss } from '../../metrics/perplexity.ts';
import { toxicityRate } from '../../metrics/toxicityRate.ts';
import { meanOf, measureDivergence } from './divergence.ts';
import type { ExperimentPorts } from '../ports/experimentPorts.ts';
import { judgeCompletions, toxicity } from './judgeCompletions.ts';
import type { Pair } from '../ports/modelPort.ts';
import { soundArms, type SoundArms } from '../sweep/soundArms.ts';
import type { Boundary } from '../ports/trainerPort.ts';
import { type PlannedSweep, samplingOptions } from './mitigationSweep.ts';

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
  const held = await sound.compute(async (all) =>
    probedOn.pairs.length > 0 ? model.pairLosses(shown(all), probedOn.pairs, signal) : [],
  );
  const losses = new Map<string, number>();
  for (const [index, arm] of shown(sound.ids).entries()) {
    const lines = divergences.get(arm) ?? [];
    const of = completions.flatMap((completion, i) => (completion.arm === arm ? [{ completion, i }] : []));
    const toxic = of.map(({ i }) => toxicity(verdicts[i]));
    const frames = of.map(
      ({ completion }) => probedOn.prompts[completion.promptIndex]?.frame ?? completion.promptIndex,
    );
    const rate = measuredOf(toxicityRate(toxic, frames, sweep.evaluation).toxicity);
    const own = meanLoss(held[index] ?? []);
    const measured = {
      kl: meanOf(lines.map((line) => line.kl)),
      entropy: meanOf(lines.map((line) => line.entropy)),
      ...{ toxicityRate: rate?.value, toxicityLow: rate?.low, toxicityHigh: rate?.high },
      ...(isMeasured(own) && { heldOutLoss: own.loss, heldOutTokens: own.tokens }),
    };
    writer.append({ type: 'probe', arm, step, ...withoutUndefined(measured), n: prompts.length });
    if (isMeasured(own)) losses.set(arm, own.loss);
  }
  return { losses, broken: sound.failures };
}

/** The fields that hold a number. */
function withoutUndefined<K extends string>(
  fields: Readonly<Partial<Record<K, number | undefined>>>,
): Partial<Record<K, number>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<
    Record<K, number>
  >;
}
