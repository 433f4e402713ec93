/** The one shape of a figure: its value with what surrounds it, or the reason why there is none. */
import { z } from 'zod';

const measured = z.object({
  value: z.number(),
  low: z
    .number()
    .exactOptional()
    .describe('Ends of its 95 % interval; absent where the figure has none by its nature or by too few observations.'),
  high: z.number().exactOptional(),
  n: z
    .int()
    .min(0)
    .exactOptional()
    .describe('Observations behind it; absent where it was counted or read off, not estimated.'),
});
const unmeasuredShape = z.object({ unmeasured: z.string().describe('Why there is no figure.') });

/** A figure that was measured. */
export type Measured = Readonly<z.output<typeof measured>>;
/** A figure that could not be had, and why. It is never replaced by 0. */
export type Unmeasured = Readonly<z.output<typeof unmeasuredShape>>;
export const unmeasuredSchema: z.ZodType<Unmeasured> = unmeasuredShape;
/** A figure, or why there is none. */
export type Estimate = Measured | Unmeasured;

/** A figure that has its 95 % interval and the number of observations behind it. */
export type Interval = Required<Measured>;
/** What a metric returns that always comes with an interval. */
export type IntervalEstimate = Interval | Unmeasured;

export const estimateSchema: z.ZodType<Estimate> = z.union([measured, unmeasuredSchema]);

/** Whether a metric came out as a figure rather than as a reason. */
export function isMeasured<T>(result: T | Unmeasured): result is T {
  return typeof result !== 'object' || result === null || !('unmeasured' in result);
}

/** The reason, in the form every metric returns it. */
export function unmeasured(reason: string): Unmeasured {
  return { unmeasured: reason };
}

/** The measured figure; undefined where there is none. */
export function measuredOf(estimate: Estimate | undefined): Measured | undefined {
  return estimate !== undefined && isMeasured(estimate) ? estimate : undefined;
}
