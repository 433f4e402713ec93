/** Which pairs are trained on and which perplexity is measured on. */
import { RankscopeError } from '../../protocol/errors.ts';
import type { Sweep } from '../../protocol/sweepFile.ts';
import { createRandom, permutation } from '../../random/random.ts';
import type { Pair } from '../ports/modelPort.ts';
import type { PromptSplit } from './promptSplit.ts';
import { readPairs } from './readPairs.ts';

export interface PairSplit {
  readonly training: readonly Pair[];
  readonly heldOut: readonly Pair[];
  /** Pairs not trained on because their prompt is held out. */
  readonly leftOut: number;
}

/**
 * Pairs with a held-out prompt are never trained on. Perplexity is measured on the file of `heldOutPairs`, on a share
 * of the other pairs split by prompt, or, where nothing is said, on the pairs of the held-out prompts.
 * Throws RankscopeError('data') when nothing is left to train on.
 */
export async function splitPairs(
  pairs: readonly Pair[],
  { isHeldOut }: Pick<PromptSplit, 'isHeldOut'>,
  heldOutPairs: Sweep['data']['heldOutPairs'],
): Promise<PairSplit> {
  const allowed = pairs.filter(({ prompt }) => !isHeldOut(prompt));
  const kept = pairs.filter(({ prompt }) => isHeldOut(prompt));
  const { training, heldOut } = await measuredOn(allowed, kept, heldOutPairs);
  if (training.length > 0) return { training, heldOut, leftOut: kept.length };
  throw new RankscopeError({
    code: 'data',
    what: `none of the ${pairs.length} pairs is left to train on: the prompts of ${kept.length} are held out`,
    remedy: 'Hold out fewer prompts, or give more pairs.',
  });
}

async function measuredOn(
  allowed: readonly Pair[],
  kept: readonly Pair[],
  wanted: Sweep['data']['heldOutPairs'],
): Promise<{ readonly training: readonly Pair[]; readonly heldOut: readonly Pair[] }> {
  if (wanted === undefined) return { training: allowed, heldOut: kept };
  if ('file' in wanted) {
    const heldOut = await readPairs(wanted);
    const same = new Set(heldOut.map(keyOf));
    return { training: allowed.filter((pair) => !same.has(keyOf(pair))), heldOut };
  }
  const prompts = [...new Set(allowed.map(({ prompt }) => prompt))];
  const count = Math.max(1, Math.round(wanted.fraction * prompts.length));
  const drawn = permutation(createRandom(wanted.seed), prompts.length).slice(0, count);
  const chosen = new Set(drawn.map((index) => prompts[index]));
  return {
    training: allowed.filter(({ prompt }) => !chosen.has(prompt)),
    heldOut: allowed.filter(({ prompt }) => chosen.has(prompt)),
  };
}

const keyOf = ({ prompt, completion }: Pair): string => JSON.stringify([prompt, completion]);
