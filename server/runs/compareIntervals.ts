import type { Measured } from '../protocol/classificationRun.ts';

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
