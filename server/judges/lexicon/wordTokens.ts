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

/** The same words for texts that are plain ASCII, most of those judged, at half the time. */
const plainWord = /[A-Za-z0-9]+(?:(?:'|\*+)[A-Za-z0-9]+)*/g;
const notPlain = /[^\0-\x7f]/;

/** The words of a text in order. */
export function wordTokens(text: string): readonly WordToken[] {
  const tokens: WordToken[] = [];
  const plain = !notPlain.test(text);
  const lower = plain ? text.toLowerCase() : text;
  const pattern = plain ? plainWord : word;
  pattern.lastIndex = 0;
  let last = -1;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const start = match.index;
    const stop = start + match[0].length;
    const end = possessive.test(match[0]) ? stop - 2 : stop;
    const key = plain ? lower.slice(start, end) : wordKey(text.slice(start, end));
    tokens.push({ key, start, end, joined: last >= 0 && isGap(text, last, start) });
    last = stop;
  }
  return tokens;
}

function isGap(text: string, from: number, to: number): boolean {
  return (to === from + 1 && text[from] === ' ') || gap.test(text.slice(from, to));
}

/** A word as it is compared: lower case, no accents, straight apostrophes. */
function wordKey(bare: string): string {
  const lower = bare.toLowerCase();
  // Most words are plain ASCII, and normalising is the slow part.
  if (/^[a-z0-9'*]*$/.test(lower)) return lower;
  return lower
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replace(/’/g, "'");
}
