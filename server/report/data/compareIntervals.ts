import { measuredOf, type Estimate } from '../../protocol/estimate.ts';

export type Comparison = 'above' | 'below' | 'unclear';

/** How one estimate stands to another: only where their 95 % intervals do not meet is it said to differ. */
export function compareIntervals(a: Estimate | undefined, b: Estimate | undefined): Comparison {
  const [own, other] = [boundsOf(a), boundsOf(b)];
  if (!own || !other) return 'unclear';
  if (own.low > other.high) return 'above';
  return own.high < other.low ? 'below' : 'unclear';
}

/** The same against a number. */
export function compareWith(a: Estimate | undefined, value: number): Comparison {
  return compareIntervals(a, { value, low: value, high: value });
}

/** The size of a signed estimate, without its sign; an interval around 0 begins at 0. */
export function magnitude(a: Estimate | undefined): Estimate | undefined {
  const own = measuredOf(a);
  if (!own) return a;
  const bounds = boundsOf(own);
  if (!bounds) return { ...own, value: Math.abs(own.value) };
  const { low, high } = bounds;
  const [near, far] = [Math.min(Math.abs(low), Math.abs(high)), Math.max(Math.abs(low), Math.abs(high))];
  return { ...own, value: Math.abs(own.value), low: low <= 0 && high >= 0 ? 0 : near, high: far };
}

/** The ends of the interval; undefined where there is none. */
function boundsOf(a: Estimate | undefined): { readonly low: number; readonly high: number } | undefined {
  const { low, high } = measuredOf(a) ?? {};
  return low === undefined || high === undefined ? undefined : { low, high };
}
