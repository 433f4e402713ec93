/** The arms of a classification sweep: all of its arms once for each share of the minority that is kept. */
import type { ClassificationSweep } from '../../protocol/sweep/classificationSweep.ts';
import { sweepArms } from '../sweep/sweepArms.ts';
import type { PlannedArm } from '../ports/trainerPort.ts';

/** Arms that are trained on the same examples. */
export interface ArmsAtRate {
  /** Share of the minority's training examples that is kept; undefined where the sweep names no minority. */
  readonly minority?: number;
  /** Without a rate where it is to be chosen. */
  readonly plans: readonly PlannedArm[];
}

/**
 * One group of arms a rate, in the order of the sweep, each rate once. Where there are several rates an arm's id ends
 * with the percentage kept: `r8-m25`.
 */
export function classificationArms(
  sweep: Pick<ClassificationSweep, 'arms' | 'training' | 'data'>,
): readonly ArmsAtRate[] {
  const plans = sweepArms(sweep);
  const rates = [...new Set(sweep.data.minority?.rates ?? [])];
  if (rates.length === 0) return [{ plans }];
  return rates.map((minority) => ({
    minority,
    plans: rates.length === 1 ? plans : plans.map((plan) => ({ ...plan, id: `${plan.id}-m${percentage(minority)}` })),
  }));
}

/** `25`, `12.5`. */
function percentage(rate: number): string {
  return String(Number((rate * 100).toPrecision(6)));
}
