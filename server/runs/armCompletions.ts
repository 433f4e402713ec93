import type { StoredCompletion, StoredVerdict } from '../protocol/run/run.ts';
import { isStoredCompletion, isStoredVerdict } from '../protocol/run/runChecks.ts';
import { RankscopeError } from '../protocol/errors.ts';
import { fileStamp, indexLines, linesAt, type LineIndex } from './lineIndex.ts';
import type { RunFolder } from './runFolder.ts';

/**
 * An index of one arm's completions on the disk: their prompts, samples and verdicts. The texts themselves stay on
 * the disk.
 */
export interface ArmCompletions {
  /** One key a line (see `completionKey`); ascending where the writer wrote the completions in order. */
  readonly keys: readonly number[];
  /** The verdict on each line's completion: 1 is toxic, 0 is not toxic, NaN is not judged. */
  readonly toxic: Float32Array;
  readonly completions: LineIndex;
  readonly verdicts: LineIndex | undefined;
}

export interface CompletionWithVerdict {
  readonly completion: StoredCompletion;
  readonly verdict: StoredVerdict | undefined;
}

/** Keys are unique while a prompt has fewer samples than this. */
const mostSamples = 65_536;

/** One number for a prompt and a sample; ascending in order prompt, sample. */
export function completionKey(promptIndex: number, sample: number): number {
  return promptIndex * mostSamples + sample;
}

/** The prompt and the sample of a key. */
export function keyParts(key: number): { readonly promptIndex: number; readonly sample: number } {
  return { promptIndex: Math.floor(key / mostSamples), sample: key % mostSamples };
}

/**
 * Indexes the completions of an arm. Undefined while it has none. Throws RankscopeError('run') for a damaged line,
 * and ('disk').
 */
export async function indexCompletions(folder: RunFolder, arm: string): Promise<ArmCompletions | undefined> {
  const keys: number[] = [];
  const path = folder.armLines(arm, 'completions');
  const completions = await indexLines(path, (line, index) => {
    const { promptIndex, sample } = parseLine(line, isStoredCompletion, `${path}:${index + 1}`);
    keys.push(completionKey(promptIndex, sample));
  });
  if (completions === undefined) return undefined;
  const toxic = new Float32Array(keys.length).fill(NaN);
  const verdictPath = folder.armLines(arm, 'verdicts');
  const verdicts = await indexLines(verdictPath, (line, index) => {
    const verdict = parseLine(line, isStoredVerdict, `${verdictPath}:${index + 1}`);
    if ('toxic' in verdict && index < toxic.length) toxic[index] = Number(verdict.toxic);
  });
  return { keys, toxic, completions, verdicts };
}

/** Whether the files on the disk are still the ones that were indexed. */
export async function isCurrent({ completions, verdicts }: ArmCompletions): Promise<boolean> {
  if ((await fileStamp(completions.path)) !== completions.stamp) return false;
  return verdicts !== undefined && (await fileStamp(verdicts.path)) === verdicts.stamp;
}

/** Reads the completions with the given line numbers. Throws RankscopeError('run') for a damaged line, and ('disk'). */
export async function readCompletionLines(
  { completions, verdicts }: ArmCompletions,
  numbers: readonly number[],
): Promise<readonly CompletionWithVerdict[]> {
  const texts = await linesAt(completions, numbers);
  const judged = verdicts && numbers.every((n) => n < verdicts.starts.length) ? await linesAt(verdicts, numbers) : [];
  return texts.map((line, i) => {
    const number = (numbers[i] ?? 0) + 1;
    const verdict = judged[i];
    return {
      completion: parseLine(line, isStoredCompletion, `${completions.path}:${number}`),
      verdict:
        verdict === undefined ? undefined : parseLine(verdict, isStoredVerdict, `${verdicts?.path ?? ''}:${number}`),
    };
  });
}

function parseLine<T>(line: string, check: (value: unknown) => value is T, where: string): T {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  if (check(value)) return value;
  throw new RankscopeError({
    code: 'run',
    what: 'the line does not hold what belongs there',
    where,
    remedy: 'The run folder is damaged. Restore the file, or run the sweep again.',
  });
}
