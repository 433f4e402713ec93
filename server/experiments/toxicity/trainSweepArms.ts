/** Trains the arms of a sweep and keeps, on the way, what a person watches and what a resumed run needs. */
import { internal } from '../../protocol/errors.ts';
import type { Sweep } from '../../protocol/sweepFile.ts';
import { trainingCost } from '../sweep/armIdentity.ts';
import { atBoundaries, isDue, type BoundaryWork } from '../sweep/boundaries.ts';
import { meanOf, measureDivergence } from './divergence.ts';
import type { ExperimentPorts } from '../ports/experimentPorts.ts';
import { judgeCompletions, toxicity } from './judgeCompletions.ts';
import type { Pair } from '../ports/modelPort.ts';
import { readRoundMark, writeRoundMark, type RoundMark } from './roundMark.ts';
import { roundDetail, samplingOptions, trainingOptions } from '../sweep/sweepOptions.ts';
import type { ArmOutcome, ArmPlan, Boundary } from '../ports/trainerPort.ts';

export interface TrainingWork {
  readonly sweep: Sweep;
  readonly plans: readonly ArmPlan[];
  /** What all arms are trained on, or each. */
  readonly pairs: readonly Pair[] | ReadonlyMap<string, readonly Pair[]>;
  /** Held-out prompts that are probed while training goes on. */
  readonly probePrompts: readonly string[];
  readonly round: RoundMark;
}

/** Trains the arms for one round, from its latest checkpoint where there is one. Resolves with one outcome an arm. */
export async function trainSweepArms(work: TrainingWork, ports: ExperimentPorts): Promise<readonly ArmOutcome[]> {
  const { sweep, plans, pairs, round } = work;
  const { model, writer, signal } = ports;
  const from = await checkpointOf(round, ports);
  const total = 'get' in pairs ? [...pairs.values()].reduce((sum, own) => sum + own.length, 0) : pairs.length;
  writer.append({ type: 'phase', phase: 'training', total, ...roundDetail(sweep, round.round) });
  const outcomes = await model.train(plans, pairs, trainingOptions(sweep, from), {
    signal,
    onStep: ({ step, of, ...report }) =>
      void writer.append({ type: 'step', ...report, step: step + round.offset, of: of + round.offset }),
    onArmFailed: (arm, { what }) => void writer.append({ type: 'arm-failed', arm, reason: what }),
    onBoundary: atBoundaries(boundaryWork(work, ports, from !== undefined), ports),
  });
  if (outcomes.length === plans.length) return outcomes;
  throw internal(`The trainer gave ${outcomes.length} outcomes for ${plans.length} arms.`);
}

function boundaryWork(work: TrainingWork, ports: ExperimentPorts, isResumed: boolean): BoundaryWork {
  const { sweep, round } = work;
  return {
    checkpointEverySteps: sweep.checkpointEverySteps,
    offset: round.offset,
    isResumed,
    mark: (directory) => writeRoundMark(directory, round),
    probe: async (boundary) => {
      if (isDue(boundary, sweep.evaluation.everySteps)) await probe(boundary, work, ports);
    },
  };
}

/** The run's latest checkpoint, if it is of this round. */
async function checkpointOf({ round }: RoundMark, { writer }: ExperimentPorts): Promise<string | undefined> {
  const latest = await writer.latestCheckpoint();
  if (!latest) return undefined;
  return (await readRoundMark(latest.directory)).round === round ? latest.directory : undefined;
}

/** KL, entropy and toxicity on a few held-out prompts; the base, which does not change, before the first step only. */
async function probe({ step: own, arms }: Boundary, work: TrainingWork, ports: ExperimentPorts): Promise<void> {
  const { model, writer, signal, judge } = ports;
  const { probePrompts: prompts, sweep, round } = work;
  const step = own + round.offset;
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

/** Puts the weights of the arms that did not fail into the run's folder. */
export async function keepArms(outcomes: readonly ArmOutcome[], ports: ExperimentPorts): Promise<void> {
  for (const outcome of outcomes) await keepArm(outcome, ports);
}

async function keepArm(outcome: ArmOutcome, { model, writer }: ExperimentPorts): Promise<void> {
  const { arm, failure } = outcome;
  if (failure) return;
  await writer.writeArm(arm, (directory) => model.saveArm(arm, directory));
  writer.append({ type: 'arm-finished', arm, ...trainingCost(outcome) });
}
