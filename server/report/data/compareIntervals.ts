import { measuredOf, type Estimate } from '../../protocol/run/estimate.ts';

export type Comparison = 'above' | 'below' | 'unclear';

/** Compares an estimate with a number. It differs only where its 95 % interval does not contain the number. */
export function compareWith(a: Estimate | undefined, value: number): Comparison {
  const { low, high } = measuredOf(a) ?? {};
  if (low === undefined || high === undefined) return 'unclear';
  if (low > value) return 'above';
  return high < value ? 'below' : 'unclear';
}
