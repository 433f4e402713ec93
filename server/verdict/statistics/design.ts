/** How much a design of prompts and samples tells, and how large it must be. */
import { assumptions } from './assumptions.ts';
import { studentQuantile } from './distributions.ts';

/** Correlations of the samples of one prompt, and of the completions of one template beside that. */
export interface Correlations {
  readonly prompt: number;
  readonly template: number;
}

/** Variance of the mean of `prompts` prompts of one template with `samples` samples each, to that of independent ones. */
export function designEffect(prompts: number, samples: number, { prompt, template }: Correlations): number {
  return 1 + (samples - 1) * prompt + (prompts - 1) * samples * template;
}

/**
 * The least of the integers first..last that is enough. More is taken to be never worse, or never better: where the first
 * is not enough and the last is, all beyond the least are.
 */
export function leastEnough(first: number, last: number, isEnough: (value: number) => boolean): number | undefined {
  if (last < first) return undefined;
  if (isEnough(first)) return first;
  if (!isEnough(last)) return undefined;
  let [low, high] = [first, last];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}

/** t_(1 - level) + t_(power): an effect of so many standard errors is shown with the power. */
export function quantiles(level: number, degreesOfFreedom: number): number {
  return studentQuantile(1 - level, degreesOfFreedom) + studentQuantile(assumptions.power, degreesOfFreedom);
}
