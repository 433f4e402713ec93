import { measuredOf, type Estimate } from '../../protocol/run/estimate.ts';

export type Comparison = 'above' | 'below' | 'unclear';

/** How an estimate stands to a number: only where its 95 % interval leaves the number out is it said to differ. */
export function compareWith(a: Estimate | undefined, value: number): Comparison {
  const { low, high } = measuredOf(a) ?? {};
  if (low === undefined || high === undefined) return 'unclear';
  if (low > value) return 'above';
  return high < value ? 'below' : 'unclear';
}
