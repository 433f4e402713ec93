import type { Tokenizer } from './tokenizer.ts';

/** A place in a text, in its tokens. */
export interface TokenBoundary {
  /** Tokens that end at or before it. */
  readonly at: number;
  /** Whether it is inside a token, which is then the one at `at`. */
  readonly isInside: boolean;
}

/** Where, in the tokens `ids` of a text that begins with `before`, that beginning ends. */
export function tokenBoundary(
  tokenizer: Pick<Tokenizer, 'encode' | 'decode'>,
  ids: readonly number[],
  before: string,
): TokenBoundary {
  const alone = tokenizer.encode(before);
  const differs = commonTokens(alone, ids);
  if (differs === alone.length) return { at: differs, isInside: false };
  // The last tokens of the beginning are spelled otherwise with what is behind them: which of them still end in it?
  let at = differs;
  for (let end = differs + 1; end <= ids.length; end++) {
    const text = tokenizer.decode(ids.slice(0, end));
    if (text.length > before.length) break;
    if (before.startsWith(text)) at = end;
  }
  return { at, isInside: tokenizer.decode(ids.slice(0, at)) !== before };
}

/** Tokens that two sequences begin with in common. */
export function commonTokens(a: readonly number[], b: readonly number[]): number {
  const differs = a.findIndex((id, i) => id !== b[i]);
  return differs < 0 ? a.length : differs;
}
