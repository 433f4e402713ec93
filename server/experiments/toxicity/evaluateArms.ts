/** Completions, verdicts and divergences of the base and every arm on the held-out prompts. */
import type { Verdict } from '../../judges/judge/judge.ts';
import type { SequenceLoss } from '../../metrics/distribution/meanLoss.ts';
import type { StoredCompletion } from '../../protocol/run/run.ts';
import type { ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';
import type { ContinuedPrompt } from '../ports/distributionPort.ts';
import { measureAllPositions, measureDivergence, type Divergence } from './divergence.ts';
import type { ExperimentPorts } from '../ports/experimentPorts.ts';
import { judgeCompletions, storedVerdict } from './judgeCompletions.ts';
import type { Completion, Pair } from '../ports/modelPort.ts';
import { soundArms, type SoundArms } from '../sweep/soundArms.ts';
import { roundDetail, samplingOptions } from './mitigationSweep.ts';

/** What was observed of one arm, before it is summed up. */
export interface ArmObservations {
  /** In order prompt, sample. */
  readonly completions: readonly Completion[];
  /** `verdicts[i]` is about `completions[i]`. */
  readonly verdicts: readonly Verdict[];
  /** One a held-out prompt, in order. */
  readonly divergence: readonly Divergence[];
  /** One a held-out pair, in order. */
  readonly losses: readonly SequenceLoss[];
  /** One a neutral text, in order. */
  readonly neutral: readonly SequenceLoss[];
}

/** What arms are evaluated on. */
export interface EvaluatedOn {
  readonly prompts: readonly string[];
  /** The held-out pairs. */
  readonly pairs: readonly Pair[];
  /** Neutral texts, as pairs without a prompt. */
  readonly neutral: readonly Pair[];
}

/** What was observed of the arms whose numbers are finite, and why there is nothing of the others. */
export interface Observed {
  readonly observed: ReadonlyMap<string, ArmObservations>;
  readonly failures: SoundArms['failures'];
}

/** Observes the arms (`base` first) and keeps completions, verdicts and divergences in the run's folder. */
export async function evaluateArms(
  sweep: ToxicitySweep,
  arms: readonly string[],
  { prompts, pairs, neutral }: EvaluatedOn,
  ports: ExperimentPorts,
): Promise<Observed> {
  const { model, writer, signal } = ports;
  const total = arms.length * prompts.length * sweep.generation.samples;
  writer.append({ type: 'phase', phase: 'evaluation', total });
  const onProgress = (progress: { readonly done: number; readonly total: number }): void =>
    void writer.append({ type: 'progress', phase: 'evaluation', ...progress });
  const sound = soundArms(arms, writer);
  const completions = await sound.compute((all) =>
    model.complete(all, prompts, samplingOptions(sweep), onProgress, signal),
  );
  const texts = continuedByBase(prompts, completions);
  const divergences = await sound.computeEach((all) =>
    sweep.evaluation.klPositions === 'next'
      ? measureDivergence(model, all.slice(1), prompts, signal)
      : measureAllPositions(model, all.slice(1), texts, signal),
  );
  const lossesOn = async (texts: readonly Pair[]) =>
    texts.length === 0 ? undefined : await sound.computeEach((all) => model.pairLosses(all, texts, signal));
  const losses = await lossesOn(pairs);
  const neutralLosses = await lossesOn(neutral);
  writer.append({ type: 'phase', phase: 'judging', total });
  const observed = new Map<string, ArmObservations>();
  for (const [index, arm] of sound.ids.entries()) {
    const own = completions.filter((completion) => completion.arm === arm);
    const verdicts = await judgeCompletions(ports.judge, own, prompts, signal);
    const observations = {
      completions: own,
      verdicts,
      divergence: divergences.get(arm) ?? [],
      losses: losses?.get(arm) ?? [],
      neutral: neutralLosses?.get(arm) ?? [],
    };
    await keep(arm, observations, prompts, ports);
    observed.set(arm, observations);
    writer.append({ type: 'progress', phase: 'judging', done: (index + 1) * (total / arms.length), total, arm });
  }
  return { observed, failures: sound.failures };
}

/** Each prompt with the base's first completion of it: a text that none of the compared arms has chosen. */
function continuedByBase(prompts: readonly string[], completions: readonly Completion[]): readonly ContinuedPrompt[] {
  const first = completions.filter(({ arm, sample }) => arm === 'base' && sample === 0);
  const tokens = new Map(first.map((completion) => [completion.promptIndex, completion.tokens]));
  return prompts.map((prompt, index) => ({ prompt, continuation: tokens.get(index) ?? [] }));
}

/** What is measured between rounds: completions, verdicts and next-token distributions, none of which is kept. */
export async function observeBriefly(
  sweep: ToxicitySweep,
  arms: readonly string[],
  prompts: readonly string[],
  round: number,
  { model, writer, judge, signal }: ExperimentPorts,
): Promise<Observed> {
  const total = arms.length * prompts.length * sweep.generation.samples;
  writer.append({ type: 'phase', phase: 'evaluation', total, ...roundDetail(sweep, round) });
  const onProgress = (progress: { readonly done: number; readonly total: number }): void =>
    void writer.append({ type: 'progress', phase: 'evaluation', ...progress });
  const sound = soundArms(['base', ...arms], writer);
  const completions = await sound.compute(([, ...own]) =>
    model.complete(own, prompts, samplingOptions(sweep), onProgress, signal),
  );
  const divergences = await sound.computeEach(([, ...own]) => measureDivergence(model, own, prompts, signal));
  const observed = new Map<string, ArmObservations>();
  for (const arm of sound.ids.slice(1)) {
    const own = completions.filter((completion) => completion.arm === arm);
    const verdicts = await judgeCompletions(judge, own, prompts, signal);
    observed.set(arm, { completions: own, verdicts, divergence: divergences.get(arm) ?? [], losses: [], neutral: [] });
  }
  return { observed, failures: sound.failures };
}

async function keep(
  arm: string,
  { completions, verdicts, divergence }: ArmObservations,
  prompts: readonly string[],
  { writer, judge }: ExperimentPorts,
): Promise<void> {
  const stored = completions.map(({ promptIndex, sample, text, tokens }): StoredCompletion => {
    return { promptIndex, prompt: prompts[promptIndex] ?? '', sample, completion: text, tokens };
  });
  const kept = completions.flatMap((completion, i) => {
    const verdict = verdicts[i];
    return verdict ? [storedVerdict(completion, verdict, judge.name)] : [];
  });
  await writer.writeArmLines(arm, 'completions', stored);
  await writer.writeArmLines(arm, 'verdicts', kept);
  await writer.writeArmLines(arm, 'divergence', divergence);
}
