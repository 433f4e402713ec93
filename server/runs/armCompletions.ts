import type { StoredCompletion, StoredVerdict } from '../protocol/run/run.ts';
import { isStoredCompletion, isStoredVerdict } from '../protocol/run/runChecks.ts';
import { RankscopeError } from '../protocol/errors.ts';
import { fileStamp, indexLines, linesAt, type LineIndex } from './lineIndex.ts';
import type { RunFolder } from './runFolder.ts';

/** The completions of one arm on the disk: which prompts and samples, and which are toxic; texts stay there. */
export interface ArmCompletions {
  /** A key per line, ascending where the writer kept order: see `completionKey`. */
  readonly keys: readonly number[];
  /** Of each line: 1 toxic, 0 not, NaN not judged. */
  readonly toxic: Float32Array;
  readonly completions: LineIndex;
  readonly verdicts: LineIndex | undefined;
}

export interface CompletionWithVerdict {
  readonly completion: StoredCompletion;
  readonly verdict: StoredVerdict | undefined;
}

/** More samples of a prompt than this share a key with the next prompt's. */
const mostSamples = 65_536;

/** One number for a prompt and a sample; ascending in order prompt, sample. */
export function completionKey(promptIndex: number, sample: number): number {
  return promptIndex * mostSamples + sample;
}

/** The prompt and the sample of a key. */
export function keyParts(key: number): { readonly promptIndex: number; readonly sample: number } {
  return { promptIndex: Math.floor(key / mostSamples), sample: key % mostSamples };
}

/** Undefined while the arm has none. Throws RankscopeError('run') for a damaged line, ('disk'). */
export async function indexCompletions(folder: RunFolder, arm: string): Promise<ArmCompletions | undefined> {
  const keys: number[] = [];
  const path = folder.armLines(arm, 'completions');
  const completions = await indexLines(path, (line, index) => {
    const { promptIndex, sample } = parsed(line, isStoredCompletion, `${path}:${index + 1}`);
    keys.push(completionKey(promptIndex, sample));
  });
  if (completions === undefined) return undefined;
  const toxic = new Float32Array(keys.length).fill(NaN);
  const verdictPath = folder.armLines(arm, 'verdicts');
  const verdicts = await indexLines(verdictPath, (line, index) => {
    const verdict = parsed(line, isStoredVerdict, `${verdictPath}:${index + 1}`);
    if ('toxic' in verdict && index < toxic.length) toxic[index] = Number(verdict.toxic);
  });
  return { keys, toxic, completions, verdicts };
}

/** Whether the files are those that were indexed. */
export async function isCurrent({ completions, verdicts }: ArmCompletions): Promise<boolean> {
  if ((await fileStamp(completions.path)) !== completions.stamp) return false;
  return verdicts !== undefined && (await fileStamp(verdicts.path)) === verdicts.stamp;
}

/** The lines of the given numbers. Throws RankscopeError('run') for a damaged line, ('disk'). */
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
      completion: parsed(line, isStoredCompletion, `${completions.path}:${number}`),
      verdict:
        verdict === undefined ? undefined : parsed(verdict, isStoredVerdict, `${verdicts?.path ?? ''}:${number}`),
    };
  });
}

function parsed<T>(line: string, check: (value: unknown) => value is T, where: string): T {
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
