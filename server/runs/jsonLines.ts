import { RankscopeError } from '../protocol/errors.ts';

/** Turns the value of a line into its type; undefined for a value that does not belong there. */
export type ReadLine<T> = (value: unknown) => T | undefined;

/** A reader that accepts values which pass `check`, unchanged. */
export function checked<T>(check: (value: unknown) => value is T): ReadLine<T> {
  return (value) => (check(value) ? value : undefined);
}

export interface JsonLinesOptions {
  /** Leave out a last line without a line end, which a crash has cut short. */
  readonly ignoreTornEnd?: boolean;
  /** Receives each broken line's error, and the reading goes on. Without it the first broken line ends the reading. */
  readonly onBroken?: (fault: RankscopeError) => void;
}

/**
 * Parses a JSON-lines file of a run and checks each line. Throws RankscopeError('run') with file and line number of
 * the first broken line, unless there is an `onBroken`.
 */
export function parseJsonLines<T>(
  text: string,
  path: string,
  read: ReadLine<T>,
  { ignoreTornEnd = false, onBroken }: JsonLinesOptions = {},
): T[] {
  const lines = text.split('\n');
  const torn = lines.pop() ?? '';
  if (torn !== '' && !ignoreTornEnd) lines.push(torn);
  return lines.flatMap((line, index) => {
    if (line === '') return [];
    try {
      return [parseLine(line, `${path}:${index + 1}`, read)];
    } catch (error) {
      if (!onBroken || !(error instanceof RankscopeError)) throw error;
      onBroken(error);
      return [];
    }
  });
}

function parseLine<T>(line: string, where: string, read: ReadLine<T>): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw damaged(where, `the line is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const found = read(value);
  if (found === undefined) throw damaged(where, 'the line does not hold what belongs there');
  return found;
}

function damaged(where: string, what: string): RankscopeError {
  return new RankscopeError({
    code: 'run',
    what,
    where,
    remedy: 'The run folder is damaged. Restore the file, or run the sweep again.',
  });
}
