import { errorDetails, RankscopeError, type ErrorDetails } from '../../protocol/errors.ts';
import type { ArmTrainer, AdamWOptions, StepResult } from './armTrainer.ts';
import type { BatchPlan } from './batchPlan.ts';
import { scheduleFactor, type Schedule } from '../optimiser/schedule.ts';
import type { Example } from './trainExample.ts';

export interface LockstepArm {
  readonly trainer: ArmTrainer;
  readonly plan: BatchPlan;
  /** What the plan's numbers stand for. */
  readonly examples: readonly Example[];
  /** Peak rate, before the schedule. */
  readonly learningRate: number;
}

export interface LockstepOptions extends AdamWOptions {
  /** Of the arm with the most; an arm whose plan has fewer ends before. */
  readonly steps: number;
  /** Steps done before, when a run goes on. */
  readonly done: number;
  readonly schedule: Schedule;
  readonly clip: number;
}

export interface LockstepCallbacks {
  readonly onStep: (arm: string, step: number, learningRate: number, result: StepResult) => void;
  readonly onFailed: (arm: string, step: number, reason: ErrorDetails) => void;
  /** Awaited between steps, before the first and after the last; names the arms to train no further. */
  readonly onBoundary: (step: number, arms: readonly string[]) => Promise<readonly string[]>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Trains arms side by side, one step of each at a time, so that their curves grow together and each can be stopped.
 * An arm sees nothing of the others: its numbers are those it has when it is trained alone.
 */
export async function trainInLockstep(
  arms: readonly LockstepArm[],
  options: LockstepOptions,
  { onStep, onFailed, onBoundary, signal }: LockstepCallbacks,
): Promise<void> {
  let active = arms;
  for (let step = options.done; ; step++) {
    const ids = active.map(({ trainer }) => trainer.id);
    const stopped = await onBoundary(step, ids);
    active = active.filter(({ trainer, plan }) => !stopped.includes(trainer.id) && step < plan.steps);
    if (step >= options.steps || active.length === 0) return;
    // Heard between steps only: within one, some arms would be a step ahead of the others.
    if (signal?.aborted)
      throw new RankscopeError({ code: 'cancelled', what: `Training was cancelled before step ${step + 1}.` });
    const failed = new Set<string>();
    for (const arm of active) {
      const failure = await advance(arm, step + 1, options, onStep);
      if (!failure) continue;
      failed.add(arm.trainer.id);
      onFailed(arm.trainer.id, step + 1, failure);
    }
    active = active.filter(({ trainer }) => !failed.has(trainer.id));
  }
}

/** One step of one arm; the reason when it diverged. Any other failure is the run's. */
async function advance(
  { trainer, plan, examples, learningRate: peak }: LockstepArm,
  step: number,
  options: LockstepOptions,
  onStep: LockstepCallbacks['onStep'],
): Promise<ErrorDetails | undefined> {
  const learningRate = peak * scheduleFactor(options.schedule, step, Math.min(options.steps, plan.steps));
  const micros = plan.step(step).map((micro) => micro.flatMap((i) => examples[i] ?? []));
  try {
    onStep(trainer.id, step, learningRate, await trainer.step(micros, { ...options, step, learningRate }));
    return undefined;
  } catch (error) {
    const details = errorDetails(error);
    if (details.code === 'diverged') return details;
    throw error;
  }
}
