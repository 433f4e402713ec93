import type { Measured } from '../../protocol/classificationRun.ts';

export type Comparison = 'above' | 'below' | 'unclear';

/** How one estimate stands to another: only where their 95 % intervals do not meet is it said to differ. */
export function compareIntervals(a: Measured | undefined, b: Measured | undefined): Comparison {
  if (a === undefined || b === undefined || 'unmeasured' in a || 'unmeasured' in b) return 'unclear';
  if (a.low > b.high) return 'above';
  return a.high < b.low ? 'below' : 'unclear';
}

/** The same against a number. */
export function compareWith(a: Measured | undefined, value: number): Comparison {
  if (a === undefined || 'unmeasured' in a) return 'unclear';
  if (a.low > value) return 'above';
  return a.high < value ? 'below' : 'unclear';
}

/** The size of a signed estimate, without its sign; an interval around 0 begins at 0. */
export function magnitude(a: Measured | undefined): Measured | undefined {
  if (a === undefined || 'unmeasured' in a) return a;
  const { value, low, high, n } = a;
  const [near, far] = [Math.min(Math.abs(low), Math.abs(high)), Math.max(Math.abs(low), Math.abs(high))];
  return { value: Math.abs(value), low: low <= 0 && high >= 0 ? 0 : near, high: far, n };
}
