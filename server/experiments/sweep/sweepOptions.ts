import type { ToxicitySweep } from '../../protocol/toxicitySweep.ts';
import type { PlannedTraining } from './trainingLength.ts';
import type { SamplingOptions } from '../ports/modelPort.ts';
import type { TrainingOptions } from '../ports/trainerPort.ts';

/** A toxicity sweep whose batches a step are settled. */
export type PlannedSweep = ToxicitySweep & { readonly training: PlannedTraining<ToxicitySweep['training']> };

/** How completions are drawn in every evaluation of a sweep. */
export function samplingOptions({ generation }: Pick<ToxicitySweep, 'generation'>): SamplingOptions {
  return generation;
}

/** How every arm of a sweep is trained: one pass over the pairs unless it says otherwise (paper, appendix C). */
export function trainingOptions(
  { training }: { readonly training: PlannedTraining },
  resumeFrom?: string,
): TrainingOptions {
  const { epochs, steps, warmupSteps, warmupRatio, ...rest } = training;
  const { batchSize, gradientAccumulation, schedule, weightDecay, clip, betas, epsilon, shuffle } = rest;
  return {
    length: steps === undefined ? { epochs: epochs ?? 1 } : { steps },
    warmup: warmupSteps === undefined ? { ratio: warmupRatio ?? 0 } : { steps: warmupSteps },
    ...{ batchSize, gradientAccumulation, schedule, weightDecay, clip, betas, epsilon, shuffle },
    gradientCheckpointing: rest.gradientCheckpointing,
    appendEos: rest.appendEos,
    maxLength: rest.maxLength,
    ...(resumeFrom !== undefined && { resumeFrom }),
  };
}

/** `round 2 of 3`, in a sweep of several. */
export function roundDetail({ data }: Pick<ToxicitySweep, 'data'>, round: number): { detail?: string } {
  const rounds = data.counterfactuals?.rounds ?? 1;
  return rounds > 1 ? { detail: `round ${round} of ${rounds}` } : {};
}
