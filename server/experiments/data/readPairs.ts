import { readExamples } from '../../dataset/readExamples.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { Pair } from '../ports/modelPort.ts';

/** Pairs of prompt and completion of a JSONL file; of a chat its last answer, rejected answers left out. Throws RankscopeError('data'). */
export async function readPairs({
  file,
  limit,
}: {
  readonly file: string;
  readonly limit?: number | undefined;
}): Promise<readonly Pair[]> {
  const { examples } = await readExamples(file);
  const pairs = examples.flatMap(({ prompt, text, side, line, isEarlierTurn }) => {
    if (side === 'rejected' || isEarlierTurn) return [];
    if (prompt !== undefined) return [{ prompt, completion: text }];
    throw new RankscopeError({
      code: 'data',
      what: 'the line has no prompt',
      where: `${file}:${line}`,
      remedy: 'Write {"prompt": "...", "completion": "..."} a line.',
    });
  });
  return limit === undefined ? pairs : pairs.slice(0, limit);
}
