import { type IntervalEstimate, unmeasured } from '../../protocol/run/estimate.ts';

/** 97.5th percentile of the standard normal distribution. */
export const normal975 = 1.959963984540054;

/**
 * A proportion with Wilson's 95 % score interval (Wilson 1927), which unlike p ± 2 se stays inside 0..1 and has a
 * width where p is 0 or 1. Unmeasured with no trials. `successes` may be fractional.
 */
export function wilson(successes: number, trials: number): IntervalEstimate {
  if (trials === 0) return unmeasured('there are no observations');
  const [low, high] = wilsonBounds(successes / trials, trials);
  return { value: successes / trials, low, high, n: trials };
}

/** Wilson's bounds for a proportion `p` of `trials` independent trials. */
export function wilsonBounds(p: number, trials: number): [low: number, high: number] {
  const z2 = normal975 * normal975;
  const centre = (p + z2 / (2 * trials)) / (1 + z2 / trials);
  const half = (normal975 / (1 + z2 / trials)) * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials * trials));
  // Rounding may leave 0 or 1 by an ulp.
  return [p === 0 ? 0 : Math.max(0, centre - half), p === 1 ? 1 : Math.min(1, centre + half)];
}
