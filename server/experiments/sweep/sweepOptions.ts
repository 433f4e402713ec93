import type { Sweep } from '../../protocol/sweepFile.ts';
import type { PlannedTraining } from './trainingLength.ts';
import type { SamplingOptions } from '../ports/modelPort.ts';
import type { TrainingOptions } from '../ports/trainerPort.ts';

/** A toxicity sweep whose batches a step are settled. */
export type PlannedSweep = Sweep & { readonly training: PlannedTraining<Sweep['training']> };

/** How completions are drawn in every evaluation of a sweep. */
export function samplingOptions({ generation }: Pick<Sweep, 'generation'>): SamplingOptions {
  return generation;
}

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

/** `round 2 of 3`, in a sweep of several. */
export function roundDetail({ data }: Pick<Sweep, 'data'>, round: number): { detail?: string } {
  const rounds = data.counterfactuals?.rounds ?? 1;
  return rounds > 1 ? { detail: `round ${round} of ${rounds}` } : {};
}
