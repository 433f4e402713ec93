import { unfit } from './unfit.ts';

/** A repeated group that itself repeats, on which a backtracking matcher can run for ages: `(a+)+`, `(.*)*`. */
const NESTED_REPEATS = /\([^)]*[*+{][^)]*\)\s*[*+{]/;

/** Longest pattern that is tried. */
const LONGEST = 1000;

/**
 * A regular expression of an adapter's configuration, which must match a module's whole path (Python's `re.fullmatch`).
 * Throws RankscopeError('model') naming the field where it is none that can be tried.
 */
export function peftPattern(source: string, field: string, where: string): RegExp {
  if (source.length > LONGEST || NESTED_REPEATS.test(source)) {
    throw unfit(where, `the pattern ${JSON.stringify(source.slice(0, 60))} of "${field}" is too costly to try`);
  }
  try {
    return new RegExp(`^(?:${source.replaceAll('(?P<', '(?<')})$`);
  } catch {
    throw unfit(where, `the pattern ${JSON.stringify(source)} of "${field}" cannot be read`);
  }
}

/** PEFT's rule for a list of names: the path is one of them, or ends in one after a dot. */
export const isNamed = (path: string, names: readonly string[]): boolean =>
  names.some((name) => path === name || path.endsWith(`.${name}`));

/** The value that a `rank_pattern` or `alpha_pattern` has for a path; its keys are patterns for the end of a path. */
export function patternValue(
  patterns: Readonly<Record<string, number>>,
  path: string,
  field: string,
  where: string,
): number | undefined {
  return Object.entries(patterns).find(([key]) => peftPattern(`(?:.*\\.)?(?:${key})`, field, where).test(path))?.[1];
}
