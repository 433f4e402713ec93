/** Chooses the learning rates of a sweep that leaves them open, by the loss on its tune examples. */
import { RankscopeError } from '../../protocol/errors.ts';
import type { AnySweep } from '../../protocol/sweep/experiments.ts';
import type { ArmDescription, TunedRate, TuningTrial } from '../../protocol/run/run.ts';
import { isTuningTrial } from '../../protocol/run/runChecks.ts';
import { meanLoss, type SequenceLoss } from '../../metrics/distribution/meanLoss.ts';
import { isMeasured } from '../../protocol/run/estimate.ts';
import type { ExperimentPorts, RunWriter } from '../ports/experimentPorts.ts';
import { SoundArms } from '../sweep/soundArms.ts';
import { ratedArm } from '../sweep/sweepArms.ts';
import { trainingOptions } from '../sweep/sweepOptions.ts';
import type { PlannedTraining } from '../sweep/trainingLength.ts';
import type { ArmOutcome, ArmPlan, PlannedArm, TrainingCallbacks, TrainingOptions } from '../ports/trainerPort.ts';
import { chooseRate, trialLengths, type ChosenRate } from './successiveHalving.ts';
import { isOfGroup, tuningGroups, type TuningGroup } from '../data/tuningGrid.ts';

/** What a trial is made with: arms are trained on what the sweep trains on, and measured on what it keeps for tuning. */
export interface TrialPort {
  readonly train: (
    plans: readonly ArmPlan[],
    options: TrainingOptions,
    callbacks: TrainingCallbacks,
  ) => Promise<readonly ArmOutcome[]>;
  /** `[arm][example]`: losses on the tune examples. */
  readonly losses: (arms: readonly string[]) => Promise<readonly (readonly SequenceLoss[])[]>;
  /** Lets the weights of a trial go. */
  readonly forget: (arm: string) => void;
}

export interface TuningWork {
  readonly sweep: Pick<AnySweep, 'arms'> & { readonly training: PlannedTraining };
  readonly plans: readonly PlannedArm[];
  /** Optimiser steps of a whole training. */
  readonly steps: number;
  readonly trial: TrialPort;
}

export interface TuningPorts extends Pick<ExperimentPorts, 'control' | 'signal'> {
  readonly writer: Pick<RunWriter, 'append'> & {
    readStage<T>(stage: 'tuning', check: (value: unknown) => value is T): Promise<readonly T[] | undefined>;
    writeStage(stage: 'tuning', lines: readonly unknown[]): Promise<void>;
  };
}

export interface TunedPlans {
  readonly plans: readonly ArmPlan[];
  /** What was chosen for which arms; empty where the sweep names its rates. */
  readonly rates: readonly TunedRate[];
}

/**
 * Every trial is a training by itself, with the seed and order of the sweep's first arm of its kind, and is kept as soon as
 * it is over: tuning that was interrupted repeats the trials that were under way and gives the same rates.
 * Throws RankscopeError('diverged') where no rate of a grid gives a finite loss.
 */
export async function tuneRates(work: TuningWork, ports: TuningPorts): Promise<TunedPlans> {
  const groups = tuningGroups(work.sweep, work.plans);
  const rates: TunedRate[] = [];
  if (groups.length > 0) {
    const trials = new Trials(work, ports, (await ports.writer.readStage('tuning', isTuningTrial)) ?? []);
    const lengths = trialLengths(work.steps);
    ports.writer.append({ type: 'phase', phase: 'tuning', total: groups.length });
    for (const [index, group] of groups.entries()) {
      const chosen = await chooseRate(group.grid, lengths, (tried, steps) => trials.run(group, tried, steps));
      if (!chosen) throw noFiniteLoss(group);
      rates.push(tunedRate(group, chosen));
      ports.writer.append({ type: 'tuned', ...tunedRate(group, chosen) });
      ports.writer.append({ type: 'progress', phase: 'tuning', done: index + 1, total: groups.length });
    }
  }
  const rateOf = (plan: PlannedArm): number | undefined => rates.find((rate) => isOfGroup(plan, rate))?.learningRate;
  return { plans: work.plans.map((plan) => ratedArm(plan, rateOf(plan))), rates };
}

/** The arms with the rates that were chosen for them. */
export function withRates(descriptions: readonly ArmDescription[], { plans }: TunedPlans): readonly ArmDescription[] {
  return descriptions.map((arm) => {
    const learningRate = plans.find(({ id }) => id === arm.id)?.learningRate;
    return learningRate === undefined ? arm : { ...arm, learningRate };
  });
}

function tunedRate({ method, rank, tried }: TuningGroup, { learningRate, loss, edge, trials }: ChosenRate): TunedRate {
  return {
    method,
    ...(rank !== undefined && { rank }),
    triedOn: tried.id,
    learningRate,
    loss,
    steps: trials.reduce((sum, { steps }) => sum + steps, 0),
    ...(edge && { edge }),
  };
}

function noFiniteLoss({ method, grid }: TuningGroup): RankscopeError {
  return new RankscopeError({
    code: 'diverged',
    what: `no learning rate of ${grid.join(', ')} gives ${method === 'full' ? 'full fine-tuning' : 'LoRA'} a finite loss`,
    where: 'arms.learningRate',
    remedy: 'Give a grid of lower rates: {"tune": "method", "lora": [...], "full": [...]}.',
  });
}

/** Trials that are over, and a way to make further ones. */
class Trials {
  readonly #work: TuningWork;
  readonly #ports: TuningPorts;
  readonly #done: TuningTrial[];

  constructor(work: TuningWork, ports: TuningPorts, done: readonly TuningTrial[]) {
    this.#work = work;
    this.#ports = ports;
    this.#done = [...done];
  }

  /** LoRA arms train side by side; full ones one after another, so that one copy of the weights is in memory at a time. */
  async run(group: TuningGroup, rates: readonly number[], steps: number): Promise<readonly TuningTrial[]> {
    const known = rates.map((rate) => this.#find(group, rate, steps));
    if (known.every((trial) => trial !== undefined)) return known;
    const together = group.method === 'full' ? rates.map((rate) => [rate]) : [rates];
    const results: TuningTrial[] = [];
    for (const some of together) results.push(...(await this.#try(group, some, steps)));
    return results;
  }

  #find({ tried }: TuningGroup, learningRate: number, steps: number): TuningTrial | undefined {
    return this.#done.find((t) => t.triedOn === tried.id && t.learningRate === learningRate && t.steps === steps);
  }

  async #try(group: TuningGroup, rates: readonly number[], steps: number): Promise<readonly TuningTrial[]> {
    const known = rates.map((rate) => this.#find(group, rate, steps));
    if (known.every((trial) => trial !== undefined)) return known;
    const { writer } = this.#ports;
    const trials = await this.#train(group, rates, steps);
    this.#done.push(...trials);
    await writer.writeStage('tuning', this.#done);
    for (const trial of trials) writer.append({ type: 'tuning-trial', ...trial });
    return trials;
  }

  async #train(
    { method, tried }: TuningGroup,
    rates: readonly number[],
    steps: number,
  ): Promise<readonly TuningTrial[]> {
    const { trial: port } = this.#work;
    const plans = rates.map((learningRate): ArmPlan => ({
      ...tried,
      learningRate,
      id: trialId(tried.id, learningRate),
    }));
    const outcomes = await this.#trainPlans(plans, steps);
    const trained = outcomes.filter(({ failure }) => !failure).map(({ arm }) => arm);
    const sound = new SoundArms(trained);
    const losses = await sound.computeEach(async (arms) => (arms.length > 0 ? port.losses(arms) : []));
    const found = plans.map((plan, i): TuningTrial => {
      const { learningRate, id } = plan;
      const mean = meanLoss(losses.get(id) ?? []);
      const broken = outcomes[i]?.failure ?? sound.failures.get(id);
      const failure = broken?.what ?? (isMeasured(mean) ? undefined : mean.unmeasured);
      const trial = { method, triedOn: tried.id, learningRate, steps };
      return failure === undefined && isMeasured(mean) ? { ...trial, ...mean } : { ...trial, failure: failure ?? '' };
    });
    for (const { id } of plans) port.forget(id);
    return found;
  }

  #trainPlans(plans: readonly ArmPlan[], steps: number) {
    const { control, signal, writer } = this.#ports;
    const { sweep, trial } = this.#work;
    const options = { ...trainingOptions(sweep), length: { steps } };
    return trial.train(plans, options, {
      signal,
      onStep: () => undefined,
      onArmFailed: () => undefined,
      onBoundary: async ({ step }) => {
        await control.whilePaused(() => void writer.append({ type: 'paused', step }), signal);
        return { stop: [] };
      },
    });
  }
}

/** An arm of its own beside those of the sweep. */
function trialId(arm: string, learningRate: number): string {
  return `${arm}-trial-lr${learningRate.toExponential()}`;
}
