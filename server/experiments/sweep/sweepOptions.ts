import type { PlannedTraining } from './trainingLength.ts';
import type { TrainingOptions } from '../ports/trainerPort.ts';

/** How every arm of a sweep is trained: one pass over the pairs unless it says otherwise (paper, appendix C). */
export function trainingOptions(
  { training }: { readonly training: PlannedTraining },
  resumeFrom?: string,
): TrainingOptions {
  const { epochs, steps, warmupSteps, warmupRatio, patience, seed, ...rest } = training;
  return {
    ...rest,
    length: steps === undefined ? { epochs: epochs ?? 1 } : { steps },
    warmup: warmupSteps === undefined ? { ratio: warmupRatio ?? 0 } : { steps: warmupSteps },
    ...(resumeFrom !== undefined && { resumeFrom }),
  };
}
