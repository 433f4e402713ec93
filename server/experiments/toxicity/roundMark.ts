import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { RankscopeError } from '../../protocol/errors.ts';

const roundMark = z.object({
  /** 1-based. */
  round: z.int(),
  /** Steps of all rounds before: the steps of this round are counted on from there. */
  offset: z.int(),
  /** Of a checkpoint, whether the arms were looked at where it was kept: a cancel may come before. True where it is not said. */
  isProbed: z.boolean().optional(),
});
/** Which round of mitigation a checkpoint belongs to. */
export type RoundMark = Readonly<z.output<typeof roundMark>>;

const file = 'round.json';
const first: RoundMark = { round: 1, offset: 0 };

/** Puts the mark into a checkpoint, beside what the trainer wrote. */
export async function writeRoundMark(checkpoint: string, { round, offset, isProbed }: RoundMark): Promise<void> {
  await writeFile(join(checkpoint, file), JSON.stringify({ round, offset, ...(isProbed === false && { isProbed }) }));
}

/** A checkpoint without a mark is of the first round. Throws RankscopeError('run') for one that cannot be read. */
export async function readRoundMark(checkpoint: string): Promise<RoundMark> {
  try {
    const { data: mark } = roundMark.safeParse(JSON.parse(await readFile(join(checkpoint, file), 'utf8')));
    if (mark) return mark;
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
