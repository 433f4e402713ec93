import { WorkWithoutEnd, withinTime } from '../../files/boundedTime.ts';
import { unfit } from './unfit.ts';

/** What a pattern finds in a module's whole path; null where the path does not match. */
export type PathPattern = (path: string) => RegExpExecArray | null;

/**
 * A regular expression of an adapter's configuration, which must match a module's whole path (Python's `re.fullmatch`).
 * Throws RankscopeError('model') naming the field where it is none, and when it does not come to an end on a path.
 */
export function peftPattern(source: string, field: string, where: string): PathPattern {
  const named = `the pattern ${JSON.stringify(source.slice(0, 200))} of "${field}"`;
  const expression = compiled(source);
  if (!expression) throw unfit(where, `${named} cannot be read`);
  return (path) => {
    try {
      return withinTime(() => expression.exec(path));
    } catch (error) {
      if (error instanceof WorkWithoutEnd) throw unfit(where, `${named} is too costly to try: ${error.message}`);
      throw error;
    }
  };
}

function compiled(source: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${source.replaceAll('(?P<', '(?<')})$`);
  } catch {
    return undefined;
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
  return Object.entries(patterns).find(([key]) => peftPattern(`(?:.*\\.)?(?:${key})`, field, where)(path))?.[1];
}
