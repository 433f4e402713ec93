/** Trains the arms of a sweep and keeps, on the way, what a person watches and what a resumed run needs. */
import { internal } from '../protocol/errors.ts';
import type { Sweep } from '../protocol/sweepFile.ts';
import { meanOf, measureDivergence } from './divergence.ts';
import type { ExperimentPorts } from './experimentPorts.ts';
import { judgeCompletions, toxicity } from './judgeCompletions.ts';
import type { Pair } from './modelPort.ts';
import { samplingOptions, trainingOptions } from './sweepOptions.ts';
import type { ArmOutcome, ArmPlan, Boundary } from './trainerPort.ts';

export interface TrainingWork {
  readonly sweep: Sweep;
  readonly plans: readonly ArmPlan[];
  readonly pairs: readonly Pair[];
  /** Held-out prompts that are probed while training goes on. */
  readonly probePrompts: readonly string[];
}

/** Resolves with one outcome an arm. Weights of arms that did not fail are in the run's folder by then. */
export async function trainSweepArms(work: TrainingWork, ports: ExperimentPorts): Promise<readonly ArmOutcome[]> {
  const { sweep, plans, pairs } = work;
  const { model, writer, signal } = ports;
  const checkpoint = await writer.latestCheckpoint();
  writer.append({ type: 'phase', phase: 'training', total: pairs.length });
  // What was done at the boundary that a resumed run begins with has been done before.
  let isRepeated = checkpoint !== undefined;
  const outcomes = await model.train(plans, pairs, trainingOptions(sweep, checkpoint?.directory), {
    signal,
    onStep: (report) => void writer.append({ type: 'step', ...report }),
    onArmFailed: (arm, { what }) => void writer.append({ type: 'arm-failed', arm, reason: what }),
    onBoundary: async (boundary) => {
      if (!isRepeated) await atBoundary(boundary, work, ports);
      isRepeated = false;
      return heldByPerson(boundary, ports);
    },
  });
  for (const outcome of outcomes) await keepArm(outcome, ports);
  if (outcomes.length === plans.length) return outcomes;
  throw internal(`The trainer gave ${outcomes.length} outcomes for ${plans.length} arms.`);
}

async function atBoundary(boundary: Boundary, work: TrainingWork, ports: ExperimentPorts): Promise<void> {
  const { step, of } = boundary;
  const { evaluation, checkpointEverySteps: every } = work.sweep;
  const isDue = (interval: number): boolean => interval > 0 && (step % interval === 0 || step === of);
  if (isDue(evaluation.everySteps)) await probe(boundary, work, ports);
  if (step > 0 && isDue(every)) await ports.writer.saveCheckpoint(step, (directory) => boundary.save(directory));
}

/** Waits while a person holds the run, and names the arms they have stopped. */
async function heldByPerson({ step, arms }: Boundary, { control, writer, signal }: ExperimentPorts) {
  await control.whilePaused(() => void writer.append({ type: 'paused', step }), signal);
  return { stop: arms.filter((arm) => control.stopped.has(arm)) };
}

/** KL, entropy and toxicity on a few held-out prompts; the base, which does not change, before the first step only. */
async function probe({ step, arms }: Boundary, work: TrainingWork, ports: ExperimentPorts): Promise<void> {
  const { model, writer, signal, judge } = ports;
  const { probePrompts: prompts, sweep } = work;
  const divergences = await measureDivergence(model, arms, prompts, signal);
  const shown = step === 0 ? ['base', ...arms] : arms;
  const completions = await model.complete(shown, prompts, samplingOptions(sweep), undefined, signal);
  const verdicts = await judgeCompletions(judge, completions, prompts, signal);
  for (const arm of shown) {
    const lines = divergences[arm === 'base' ? 0 : arms.indexOf(arm) + 1] ?? [];
    const toxic = verdicts.map(toxicity).filter((_, i) => completions[i]?.arm === arm);
    const measured = {
      kl: meanOf(lines.map((line) => line.kl)),
      entropy: meanOf(lines.map((line) => line.entropy)),
      toxicityRate: meanOf(toxic.map((value) => (value === undefined ? undefined : Number(value)))),
    };
    writer.append({ type: 'probe', arm, step, ...withoutUndefined(measured), n: prompts.length });
  }
}

/** The fields that hold a number. */
function withoutUndefined<K extends string>(
  fields: Readonly<Record<K, number | undefined>>,
): Partial<Record<K, number>> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Partial<
    Record<K, number>
  >;
}

/** Keeps the weights of an arm that came through. */
async function keepArm(outcome: ArmOutcome, { model, writer }: ExperimentPorts): Promise<void> {
  const { arm, failure, trainTokensPerSecond, peakMemoryBytes } = outcome;
  if (failure) return;
  await writer.writeArm(arm, (directory) => model.saveArm(arm, directory));
  writer.append({
    type: 'arm-finished',
    arm,
    ...(trainTokensPerSecond !== undefined && { trainTokensPerSecond }),
    ...(peakMemoryBytes !== undefined && { peakMemoryBytes }),
  });
}
