import { RankscopeError } from '../protocol/errors.ts';

/** Bytes that the cache may hold without RANKSCOPE_CACHE_LIMIT. */
const usual = 20e9;

/**
 * Bytes that the cache may hold: RANKSCOPE_CACHE_LIMIT in GB, or else 20 GB. Throws RankscopeError('usage') where
 * the value is not a number of zero or more.
 */
export function cacheLimit({ RANKSCOPE_CACHE_LIMIT: given }: NodeJS.ProcessEnv): number {
  if (given === undefined || given.trim() === '') return usual;
  const gigabytes = Number(given);
  if (Number.isFinite(gigabytes) && gigabytes >= 0) return gigabytes * 1e9;
  throw new RankscopeError({
    code: 'usage',
    what: `RANKSCOPE_CACHE_LIMIT is "${given}", and must be a number of gigabytes, 0 or more`,
    remedy: 'Set it to a number, or leave it out for 20.',
  });
}
