import type { LexiconEntry } from './builtinLexicon.ts';
import { disguises } from './disguises.ts';
import { identityWords } from './identityWords.ts';
import { type WordToken, wordTokens } from './wordTokens.ts';

/** The most words an entry may have; longer ones are left out. */
export const longestPhrase = 4;

/** Entries by their words, for one pass over a text. */
export interface LexiconIndex {
  /** Words joined by one space -> entry. */
  readonly entries: ReadonlyMap<string, LexiconEntry>;
  /** First word -> the most words of an entry that begins so. */
  readonly reach: ReadonlyMap<string, number>;
}

export interface LexiconMatch {
  readonly entry: LexiconEntry;
  readonly start: number;
  readonly end: number;
}

/**
 * Indexes lists: of two entries with the same words the heavier stays, the earlier on a tie. Bare identity words and
 * entries of more than `longestPhrase` words are left out.
 */
export function indexLexicon(lists: Iterable<LexiconEntry>): LexiconIndex {
  const entries = new Map<string, LexiconEntry>();
  const reach = new Map<string, number>();
  for (const entry of lists) {
    const keys = wordTokens(entry.term).map((token) => token.key);
    const [first] = keys;
    const term = keys.join(' ');
    if (first === undefined || keys.length > longestPhrase || identityWords.has(term)) continue;
    const known = entries.get(term);
    if (known === undefined || entry.weight > known.weight) entries.set(term, { ...entry, term });
    reach.set(first, Math.max(reach.get(first) ?? 0, keys.length));
  }
  return { entries, reach };
}

/** Matches from left to right, the longest at each word, without overlap; exempt phrases use up their words. */
export function matchLexicon(text: string, index: LexiconIndex): readonly LexiconMatch[] {
  const tokens = wordTokens(text);
  const matches: LexiconMatch[] = [];
  for (let i = 0; i < tokens.length;) {
    const found = longestAt(tokens, i, index);
    if (found !== undefined && found.match.entry.weight > 0) matches.push(found.match);
    i += found?.words ?? 1;
  }
  return matches;
}

function longestAt(
  tokens: readonly WordToken[],
  from: number,
  { entries, reach }: LexiconIndex,
): { readonly match: LexiconMatch; readonly words: number } | undefined {
  const first = tokens[from];
  const start = first && knownSpelling(first.key, reach);
  const most = start === undefined ? undefined : reach.get(start);
  if (first === undefined || start === undefined || most === undefined) return undefined;
  let found: { match: LexiconMatch; words: number } | undefined;
  let phrase = start;
  let end = first.end;
  for (let words = 1; ; words++) {
    const entry = entries.get(phrase);
    if (entry) found = { match: { entry, start: first.start, end }, words };
    const next = tokens[from + words];
    if (words === most || !next?.joined) return found;
    phrase += ` ${next.key}`;
    end = next.end;
  }
}

/** The word as an entry begins with it: itself, or what it is disguised from. */
function knownSpelling(key: string, reach: LexiconIndex['reach']): string | undefined {
  return reach.has(key) ? key : disguises(key).find((spelling) => reach.has(spelling));
}
