/** Reads the logit lens of one prompt in a form that can be shown: token texts, entropies and distances from the base. */
import type { Arm } from '../../engine/generate/armWeights.ts';
import { readLens } from '../../engine/generate/lens.ts';
import type { Scorer } from '../../engine/generate/scorer.ts';
import type { Tokenizer } from '../../engine/tokenizer/tokenizer.ts';
import { entropy } from '../../metrics/distribution/entropy.ts';
import { isMeasured } from '../../protocol/run/estimate.ts';
import { kl } from '../../metrics/distribution/kl.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import { lensTop, type LensCell, type LensResult, type LensToken } from '../../protocol/run/lens.ts';

export interface LensModel {
  readonly scorer: Scorer;
  readonly arms: ReadonlyMap<string, Arm>;
  readonly tokens: Pick<Tokenizer, 'decode' | 'tokenText'>;
}

/** Most tokens of a prompt. More would make more cells than anybody can look at. */
const MOST_TOKENS = 256;

/**
 * The lens of `arms` over one prompt of token ids. KL is relative to the base, which is computed even where it is
 * not shown. Throws RankscopeError('data') for a prompt with too many tokens, and 'cancelled' when `signal` is
 * aborted.
 */
export async function readArmLens(
  { scorer, arms: known, tokens: tokenizer }: LensModel,
  arms: readonly string[],
  { prompt, ids }: { readonly prompt: string; readonly ids: readonly number[] },
  signal?: AbortSignal,
): Promise<LensResult> {
  checkLength(ids);
  const read = ['base', ...arms.filter((arm) => arm !== 'base')];
  const cells = new Map(arms.map((arm) => [arm, [] as LensCell[][]]));
  await readLens(scorer, await scorer.groups(read, known), { arms: read, ids }, async ({ layer, position }, rows) => {
    if (position === 0) await yieldUnlessCancelled(signal);
    const base = rows[0] ?? new Float32Array();
    read.forEach((arm, i) => {
      const layers = cells.get(arm);
      if (!layers) return;
      const reference = arm === 'base' ? undefined : base;
      const ofLayer = (layers[layer] ??= []);
      ofLayer[position] = cellOf(rows[i] ?? new Float32Array(), reference, tokenizer, `${arm}, layer ${layer}`);
    });
  });
  const tokens = ids.map((id) => tokenText(tokenizer, id));
  return { prompt, arms: arms.map((arm) => ({ arm, tokens, layers: cells.get(arm) ?? [] })) };
}

function checkLength(ids: readonly number[]): void {
  if (ids.length <= MOST_TOKENS) return;
  throw new RankscopeError({
    code: 'data',
    what: `the prompt has ${ids.length} tokens, and a lens shows ${MOST_TOKENS}`,
    remedy: 'Give a shorter prompt.',
  });
}

/** Lets the event loop turn, since only then a cancellation can arrive. Throws once the signal is aborted. */
export async function yieldUnlessCancelled(signal: AbortSignal | undefined): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  if (signal?.aborted) throw new RankscopeError({ code: 'cancelled', what: 'The work was cancelled.' });
}

function cellOf(
  row: Float32Array,
  base: Float32Array | undefined,
  tokenizer: LensModel['tokens'],
  where: string,
): LensCell {
  const uncertainty = entropy(row);
  if (!isMeasured(uncertainty)) {
    const remedy = 'Its weights are not finite: train the arm again at a lower rate.';
    throw new RankscopeError({ code: 'engine', what: uncertainty.unmeasured, where, remedy });
  }
  const distance = base && kl(base, row);
  return {
    top: likeliestTokens(row, lensTop).map((id) => lensToken(tokenizer, id, row)),
    entropy: uncertainty,
    ...(distance !== undefined && isMeasured(distance) && { kl: Math.max(0, distance) }),
  };
}

function lensToken(tokenizer: LensModel['tokens'], id: number, row: Float32Array): LensToken {
  return { id, token: tokenText(tokenizer, id), probability: Math.min(1, Math.exp(row[id] ?? NaN)) };
}

/** Ids of the `count` largest entries, largest first. Equal entries are ordered by id. */
export function likeliestTokens(row: Float32Array, count: number): readonly number[] {
  const best: number[] = [];
  let least = -Infinity;
  row.forEach((value, id) => {
    if (best.length === count && value <= least) return;
    const at = best.findIndex((other) => value > (row[other] ?? NaN));
    best.splice(at < 0 ? best.length : at, 0, id);
    best.length = Math.min(best.length, count);
    least = row[best.at(-1) ?? id] ?? NaN;
  });
  return best;
}

/**
 * The text of a single token. SentencePiece marks the space before a word and drops it at the start of a text, so
 * that the token's own spelling is used. A token that is part of a character has no text and is shown as the
 * vocabulary spells it. Rows of the embedding beyond the vocabulary have a number only.
 */
export function tokenText(tokenizer: Pick<Tokenizer, 'decode' | 'tokenText'>, id: number): string {
  const spelled = tokenizer.tokenText(id);
  if (spelled === undefined) return `#${id}`;
  if (spelled.includes('▁')) return spelled.replaceAll('▁', ' ');
  const text = tokenizer.decode([id]);
  return text === '' || text.includes('\uFFFD') ? spelled : text;
}
