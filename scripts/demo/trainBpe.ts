import { BYTE_ALPHABET, spellInBytes } from '../../server/engine/tokenizer/byteAlphabet.ts';

/** Byte-level byte-pair encoding (Sennrich et al. 2016 on bytes, as in GPT-2), learned from text. */

export interface BytePairs {
  /** Tokens by id: the 256 bytes, then one token a merge. Bytes are written in GPT-2's printable alphabet. */
  readonly tokens: readonly string[];
  /** Pairs in the order they are merged. */
  readonly merges: readonly (readonly [string, string])[];
}

/** GPT-2's split of text before merging; the ByteLevel pre-tokenizer of tokenizer.json applies the same. */
const gpt2Words = /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+/gu;

/**
 * Learns merges until the vocabulary has `size` tokens or no pair occurs twice. The most frequent pair goes first; among
 * equals the one whose text sorts first, so that the result depends on the texts' words and counts alone.
 */
export function trainBpe(texts: readonly string[], size: number): BytePairs {
  const tokens = [...BYTE_ALPHABET];
  const merges: (readonly [string, string])[] = [];
  const words = countWords(texts);
  while (tokens.length < size) {
    const pair = mostFrequentPair(words);
    if (pair === undefined) break;
    for (const word of words) merge(word.parts, pair);
    merges.push(pair);
    tokens.push(pair[0] + pair[1]);
  }
  return { tokens, merges };
}

interface Word {
  readonly parts: string[];
  readonly count: number;
}

function countWords(texts: readonly string[]): Word[] {
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const [word] of text.matchAll(gpt2Words)) counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => ({ parts: Array.from(spellInBytes(word)), count }));
}

function mostFrequentPair(words: readonly Word[]): readonly [string, string] | undefined {
  // A space never occurs in the byte alphabet, so it parts the two halves of a key.
  const counts = new Map<string, number>();
  for (const { parts, count } of words) {
    for (let i = 1; i < parts.length; i++) {
      const key = `${parts[i - 1] ?? ''} ${parts[i] ?? ''}`;
      counts.set(key, (counts.get(key) ?? 0) + count);
    }
  }
  let best = '';
  let most = 1;
  for (const [key, count] of counts) {
    if (count > most || (count === most && best !== '' && key < best)) [best, most] = [key, count];
  }
  const [left, right] = best.split(' ');
  return left === undefined || right === undefined ? undefined : [left, right];
}

/** Replaces each occurrence of the pair, from the left, by its union. */
function merge(parts: string[], [left, right]: readonly [string, string]): void {
  for (let i = 0; i + 1 < parts.length; i++) {
    if (parts[i] === left && parts[i + 1] === right) parts.splice(i, 2, left + right);
  }
}
