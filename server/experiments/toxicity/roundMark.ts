import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { RankscopeError } from '../../protocol/errors.ts';

/** Which round of mitigation a checkpoint belongs to. */
export interface RoundMark {
  /** 1-based. */
  readonly round: number;
  /** Steps of all rounds before, which the steps told of this one are counted on from. */
  readonly offset: number;
  /** Of a checkpoint, whether the arms were looked at where it was kept: a cancel may come before. True where it is not said. */
  readonly isProbed?: boolean;
}

const file = 'round.json';
const first: RoundMark = { round: 1, offset: 0 };

/** Puts the mark into a checkpoint, beside what the trainer wrote. */
export async function writeRoundMark(checkpoint: string, { round, offset, isProbed }: RoundMark): Promise<void> {
  await writeFile(join(checkpoint, file), JSON.stringify({ round, offset, ...(isProbed === false && { isProbed }) }));
}

/** A checkpoint without a mark is of the first round. Throws RankscopeError('run') for one that cannot be read. */
export async function readRoundMark(checkpoint: string): Promise<RoundMark> {
  try {
    const value = JSON.parse(await readFile(join(checkpoint, file), 'utf8')) as unknown;
    if (isMark(value)) return value;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return first;
  }
  throw new RankscopeError({
    code: 'run',
    where: checkpoint,
    what: 'The checkpoint does not say which round it belongs to.',
    remedy: 'Start the run anew.',
  });
}

function isMark(value: unknown): value is RoundMark {
  if (typeof value !== 'object' || value === null || !('round' in value) || !('offset' in value)) return false;
  const isProbed = 'isProbed' in value ? value.isProbed : true;
  return Number.isSafeInteger(value.round) && Number.isSafeInteger(value.offset) && typeof isProbed === 'boolean';
}
