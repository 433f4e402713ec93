/** From the verdicts that a run stores, a line a completion, to the counts a prompt that the verdict is judged from. */
import { RankscopeError } from '../../protocol/errors.ts';
import type { StoredVerdict } from '../../protocol/run/run.ts';

/** Counts a prompt, in the order of the prompts. */
export interface VerdictCounts {
  readonly toxic: readonly number[];
  readonly unjudged: readonly number[];
}

/**
 * @param promptIndices the `promptIndex` of each prompt that counts; lines of others are left out
 * @param samples completions of each prompt; every one of them must have exactly one line
 * @param arm named where the lines are refused
 * @throws RankscopeError where a completion has no line, or two, or a sample number that there is none of
 */
export function countVerdicts(
  lines: Iterable<StoredVerdict>,
  promptIndices: readonly number[],
  samples: number,
  arm: string,
): VerdictCounts {
  const places = new Map(promptIndices.map((promptIndex, place) => [promptIndex, place]));
  const seen = promptIndices.map(() => new Set<number>());
  const toxic = promptIndices.map(() => 0);
  const unjudged = promptIndices.map(() => 0);
  for (const line of lines) {
    const place = places.get(line.promptIndex);
    if (place === undefined) continue;
    const where = `verdicts of arm "${arm}", prompt ${line.promptIndex}, sample ${line.sample}`;
    if (!(Number.isSafeInteger(line.sample) && line.sample >= 0 && line.sample < samples)) {
      throw broken(`there are samples 0 to ${samples - 1}`, where);
    }
    if (seen[place]?.has(line.sample)) throw broken('two verdicts on one completion', where);
    seen[place]?.add(line.sample);
    if ('unjudged' in line) unjudged[place] = (unjudged[place] ?? 0) + 1;
    else if (line.toxic) toxic[place] = (toxic[place] ?? 0) + 1;
  }
  const missing = seen.findIndex((own) => own.size < samples);
  if (missing >= 0) {
    const what = `${seen[missing]?.size ?? 0} of ${samples} completions have a verdict or the reason for none`;
    throw broken(what, `verdicts of arm "${arm}", prompt ${promptIndices[missing] ?? ''}`);
  }
  return { toxic, unjudged };
}

function broken(what: string, where: string): RankscopeError {
  return new RankscopeError({ code: 'run', what, where, remedy: 'Resume or repeat the run.' });
}
