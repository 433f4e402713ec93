import type { Interval } from '../protocol/run.ts';

/** A number that could not be had, and why. It is never replaced by 0. */
export interface Unmeasured {
  readonly unmeasured: string;
}

/** A number with its 95 % interval, or the reason why there is none. */
export type Estimate = Interval | Unmeasured;

/** Whether a metric came out as a number rather than as a reason. */
export function isMeasured<T>(result: T | Unmeasured): result is T {
  return typeof result !== 'object' || result === null || !('unmeasured' in result);
}

/** The reason, in the form every metric returns it. */
export function unmeasured(reason: string): Unmeasured {
  return { unmeasured: reason };
}
