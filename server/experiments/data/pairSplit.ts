/** Which pairs are trained on, which tune the training, and which the reported held-out loss is measured on. */
import { RankscopeError } from '../../protocol/errors.ts';
import type { ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';
import type { Pair } from '../ports/modelPort.ts';
import { turnsOf } from './framing.ts';
import { drawFrames, type PromptSplit } from './promptSplit.ts';
import { readPairs } from './readPairs.ts';
import { isTuned } from './tuningGrid.ts';

export interface PairSplit {
  readonly training: readonly Pair[];
  /** Rates are chosen by these and probes measured on them; no verdict is read from them. */
  readonly tune: readonly Pair[];
  readonly heldOut: readonly Pair[];
  /** Pairs not trained on because their prompt is held out. */
  readonly leftOut: number;
}

/** Tune pairs that are scored at the most: more cost time at every probe and tell little more. */
const mostTunePairs = 256;

/** A part of the pairs as a sweep file asks for it. */
type Part = NonNullable<ToxicitySweep['data']['tune']>;

export interface WantedPairs {
  readonly heldOutPairs?: Part | undefined;
  readonly tune?: Part | undefined;
}

/** What a sweep that tunes its rates and names no tune split gets. */
const usualTune: Part = { fraction: 0.15, seed: 0 };

/** The parts of the pairs that a sweep wants. */
export function wantedPairs({ data, arms }: Pick<ToxicitySweep, 'data' | 'arms'>): WantedPairs {
  const tune = data.tune ?? (isTuned(arms.learningRate) ? usualTune : undefined);
  return { heldOutPairs: data.heldOutPairs, tune };
}

/**
 * Pairs with a held-out prompt are never trained on. The reported loss is measured on the file of `heldOutPairs`, on a
 * share of the other pairs, or, where nothing is said, on the pairs of the held-out prompts. The tune pairs are a file,
 * or a share of what is then left to train on. Shares are of sentence frames, all of whose pairs go together.
 * Throws RankscopeError('data') when nothing is left to train on, or to tune on.
 */
export async function splitPairs(
  pairs: readonly Pair[],
  prompts: Pick<PromptSplit, 'isHeldOut' | 'frameOf'>,
  { heldOutPairs, tune }: WantedPairs,
): Promise<PairSplit> {
  const asksHeldOut = (pair: Pair): boolean => questionsOf(pair).some((question) => prompts.isHeldOut(question));
  const allowed = pairs.filter((pair) => !asksHeldOut(pair));
  const kept = pairs.filter(asksHeldOut);
  const measured = heldOutPairs ? await partOff(allowed, heldOutPairs, prompts) : { rest: allowed, part: kept };
  const tuned = tune ? await partOff(measured.rest, tune, prompts) : { rest: measured.rest, part: [] };
  const forTune = tuned.part.filter((pair) => !asksHeldOut(pair));
  const split = {
    training: tuned.rest,
    tune: spread(forTune, mostTunePairs),
    heldOut: measured.part,
    leftOut: kept.length,
  };
  if (tune && forTune.length === 0) throw nothingToTuneOn(allowed.length);
  if (split.training.length > 0) return split;
  throw new RankscopeError({
    code: 'data',
    what: `none of the ${pairs.length} pairs is left to train on: the prompts of ${kept.length} are held out`,
    remedy: 'Hold out fewer prompts, or give more pairs.',
  });
}

function nothingToTuneOn(pairs: number): RankscopeError {
  return new RankscopeError({
    code: 'data',
    what: `none of the ${pairs} pairs can be kept for choosing learning rates: their prompts are of one sentence, or held out`,
    remedy: 'Give more pairs, a file of other pairs (data.tune.file), or a number as "learningRate".',
  });
}

/** A file's pairs, or those of a share of the frames, and the pairs that are not among them. */
async function partOff(
  pairs: readonly Pair[],
  wanted: Part,
  { frameOf }: Pick<PromptSplit, 'frameOf'>,
): Promise<{ readonly rest: readonly Pair[]; readonly part: readonly Pair[] }> {
  if ('file' in wanted) {
    const part = await readPairs(wanted);
    const same = new Set(part.map(keyOf));
    return { rest: pairs.filter((pair) => !same.has(keyOf(pair))), part };
  }
  const drawn = drawFrames(
    pairs.map(({ prompt }) => frameOf(prompt)),
    wanted,
  );
  const isDrawn = ({ prompt }: Pair): boolean => drawn.has(frameOf(prompt));
  return { rest: pairs.filter((pair) => !isDrawn(pair)), part: pairs.filter(isDrawn) };
}

const keyOf = (pair: Pair): string => JSON.stringify(turnsOf(pair).map(({ content }) => content));

/** The prompt of a pair, or of a conversation each that a user puts. */
const questionsOf = (pair: Pair): readonly string[] =>
  turnsOf(pair).flatMap(({ role, content }) => (role === 'user' ? [content] : []));

/** At most `count` of a list, evenly spaced, in their order. */
export function spread<T>(list: readonly T[], count: number): readonly T[] {
  if (list.length <= count) return list;
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)] as T);
}
