/** Trains the arms of a sweep and keeps, on the way, what a person watches and what a resumed run needs. */
import { internal } from '../../protocol/errors.ts';
import { trainingCost } from '../sweep/armIdentity.ts';
import { probeArms, type ProbedOn } from './armProbe.ts';
import { BestWeights } from './bestWeights.ts';
import { atBoundaries, isDue, type BoundaryWork, type ProbeFindings } from '../sweep/boundaries.ts';
import type { ExperimentPorts } from '../ports/experimentPorts.ts';
import type { Pair } from '../ports/modelPort.ts';
import { readRoundMark, writeRoundMark, type RoundMark } from './roundMark.ts';
import { trainingOptions } from '../sweep/sweepOptions.ts';
import type { ArmOutcome, ArmPlan, Boundary } from '../ports/trainerPort.ts';
import { type PlannedSweep, roundDetail } from './mitigationSweep.ts';

export type { ProbedOn } from './armProbe.ts';

export interface TrainingWork {
  readonly sweep: PlannedSweep;
  readonly plans: readonly ArmPlan[];
  /** What all arms are trained on, or each. */
  readonly pairs: readonly Pair[] | ReadonlyMap<string, readonly Pair[]>;
  readonly probedOn: ProbedOn;
  readonly round: RoundMark;
}

/** Trains the arms for one round, from its latest checkpoint where there is one. Resolves with one outcome an arm. */
export async function trainSweepArms(work: TrainingWork, ports: ExperimentPorts): Promise<readonly ArmOutcome[]> {
  const { sweep, plans, pairs, round } = work;
  const { model, writer, signal } = ports;
  const from = await checkpointOf(round, ports);
  const total = 'get' in pairs ? [...pairs.values()].reduce((sum, own) => sum + own.length, 0) : pairs.length;
  writer.append({ type: 'phase', phase: 'training', total, ...roundDetail(sweep, round.round) });
  const watch = new TrainingWatch(work, ports, from && { isProbed: from.isProbed });
  const outcomes = await model.train(plans, pairs, trainingOptions(sweep, from?.directory), {
    signal,
    onStep: ({ step, of, ...report }) =>
      void writer.append({ type: 'step', ...report, step: step + round.offset, of: of + round.offset }),
    onArmFailed: (arm, { what }) => void writer.append({ type: 'arm-failed', arm, reason: what }),
    onBoundary: watch.onBoundary,
  });
  if (outcomes.length === plans.length) return watch.best.restore(outcomes, watch.interval);
  throw internal(`The trainer gave ${outcomes.length} outcomes for ${plans.length} arms.`);
}

/** Probes that "auto" sees to over a training. */
const usualProbes = 6;

/** What is done at the boundaries of a training. */
class TrainingWatch {
  readonly best: BestWeights;
  readonly #work: TrainingWork;
  readonly #ports: ExperimentPorts;
  readonly #atBoundary: (boundary: Boundary) => Promise<{ readonly stop: readonly string[] }>;
  /** Steps between two probes; 0 where there are none. */
  interval = 0;

  constructor(work: TrainingWork, ports: ExperimentPorts, resumed: BoundaryWork['resumed']) {
    this.#work = work;
    this.#ports = ports;
    const { patience } = work.sweep.training;
    this.best = new BestWeights({ round: work.round.round, patience }, ports);
    this.#atBoundary = atBoundaries(this.#boundaryWork(resumed), ports);
  }

  readonly onBoundary = async (boundary: Boundary): Promise<{ readonly stop: readonly string[] }> => {
    const { everySteps } = this.#work.sweep.evaluation;
    const auto = this.#work.probedOn.pairs.length > 0 ? Math.ceil(boundary.of / usualProbes) : 0;
    this.interval = everySteps === 'auto' ? auto : everySteps;
    return this.#atBoundary(boundary);
  };

  #boundaryWork(resumed: BoundaryWork['resumed']): BoundaryWork {
    const { sweep, round } = this.#work;
    return {
      checkpointEverySteps: sweep.checkpointEverySteps,
      offset: round.offset,
      resumed,
      mark: (directory, isProbed) => writeRoundMark(directory, { ...round, isProbed }),
      probe: async (boundary) => (isDue(boundary, this.interval) ? this.#probe(boundary) : {}),
    };
  }

  /** Arms whose numbers are not finite, and those whose loss has not fallen for long. */
  async #probe(boundary: Boundary): Promise<ProbeFindings> {
    const { sweep, probedOn, round } = this.#work;
    const { losses, broken } = await probeArms(boundary, { sweep, probedOn, offset: round.offset }, this.#ports);
    if (sweep.training.patience === 0) return { broken };
    const overdue: string[] = [];
    for (const arm of boundary.arms) {
      const loss = losses.get(arm);
      if (loss !== undefined && (await this.best.seen(arm, loss, boundary, this.interval))) overdue.push(arm);
    }
    return { broken, ...(boundary.step < boundary.of && { overdue }) };
  }
}

/** The run's latest checkpoint, if it is of this round. */
async function checkpointOf(
  { round }: RoundMark,
  { writer }: ExperimentPorts,
): Promise<{ readonly directory: string; readonly isProbed: boolean } | undefined> {
  const latest = await writer.latestCheckpoint();
  if (!latest) return undefined;
  const { directory } = latest;
  const { round: own, isProbed = true } = await readRoundMark(directory);
  return own === round ? { directory, isProbed } : undefined;
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
