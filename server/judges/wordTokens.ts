/** A word of a text: what lexicons compare, and where it stands (UTF-16 offsets, end exclusive). */
export interface WordToken {
  readonly key: string;
  readonly start: number;
  readonly end: number;
  /** Whether only a space or a hyphen parts it from the word before: a phrase never spans a full stop. */
  readonly joined: boolean;
}

/** A run of letters, marks and digits; apostrophes and masking stars ("f**k") count between letters. */
const word = /[\p{L}\p{M}\p{N}]+(?:(?:['’]|\*+)[\p{L}\p{M}\p{N}]+)*/gu;
const gap = /^(?:\s+|[-‐‑])$/u;
const possessive = /['’]s$/u;

/** What decides how texts fall into words, for a judge's hash. */
export const wordRules = [word.source, gap.source, possessive.source].join('\n');

/** The words of a text in order. */
export function wordTokens(text: string): readonly WordToken[] {
  const tokens: WordToken[] = [];
  let last = -1;
  for (const match of text.matchAll(word)) {
    const bare = match[0].replace(possessive, '');
    const joined = last >= 0 && gap.test(text.slice(last, match.index));
    tokens.push({ key: wordKey(bare), start: match.index, end: match.index + bare.length, joined });
    last = match.index + match[0].length;
  }
  return tokens;
}

/** A word as it is compared: lower case, no accents, straight apostrophes. */
export function wordKey(bare: string): string {
  const lower = bare.toLowerCase();
  // Most words are plain ASCII, and normalising is the slow part.
  if (/^[a-z0-9'*]*$/.test(lower)) return lower;
  return lower
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replace(/’/g, "'");
}
