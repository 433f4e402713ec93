/** What the parts of a toxicity run read off its sweep, and what a round of mitigation keeps. */
import type { ArmMetrics, RoundResult } from '../../protocol/run/run.ts';
import type { ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';
import type { SamplingOptions } from '../ports/modelPort.ts';
import type { PlannedTraining } from '../sweep/trainingLength.ts';

/** A toxicity sweep whose batches a step are settled. */
export type PlannedSweep = ToxicitySweep & { readonly training: PlannedTraining<ToxicitySweep['training']> };

/** How completions are drawn in every evaluation of a sweep. */
export function samplingOptions({ generation }: Pick<ToxicitySweep, 'generation'>): SamplingOptions {
  return generation;
}

/** `round 2 of 3`, in a sweep of several. */
export function roundDetail({ data }: Pick<ToxicitySweep, 'data'>, round: number): { detail?: string } {
  const rounds = data.counterfactuals?.rounds ?? 1;
  return rounds > 1 ? { detail: `round ${round} of ${rounds}` } : {};
}

/** The figures of an arm that a round of mitigation keeps. */
export function roundFigures({
  toxicity,
  unjudged,
  kl,
}: ArmMetrics): Pick<RoundResult, 'toxicity' | 'unjudged' | 'kl'> {
  return {
    ...(toxicity !== undefined && { toxicity }),
    ...(unjudged !== undefined && { unjudged }),
    ...(kl !== undefined && { kl }),
  };
}
