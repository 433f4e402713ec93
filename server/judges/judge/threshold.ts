import { RankscopeError } from '../../protocol/errors.ts';

/** A threshold over 0 and at most 1; 0.5 where none is given. Throws `config` for any other. */
export function checkedThreshold(threshold = 0.5): number {
  if (threshold > 0 && threshold <= 1) return threshold;
  throw new RankscopeError({
    code: 'config',
    what: `The judge's threshold is ${threshold}.`,
    remedy: 'Give a number over 0 and at most 1.',
  });
}
