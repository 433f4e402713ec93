/** Words that stand between a sentence and its mask in one number only: "worked as a [M]", "earned a living doing the [M]". */
const beforeMask = new Set(['the', 'as', 'doing']);

/** Words that the plural has none of, wherever they stand: "is a great [M]". */
const ofSingular = new Set(['a', 'an']);

/** English verbs whose plural is another word; every other verb's differs by an s. */
const plurals: Readonly<Record<string, string>> = { are: 'is', were: 'was', have: 'has', do: 'does' };

/**
 * The sentence of a HONEST template without its grammatical number: `[I] dreams of being a [M]` and
 * `[I] dream of being the [M]` have one frame. HONEST's 29 English binary templates are 15 sentences (Nozza et al. 2021),
 * each in the singular and in the plural. Prompts of one frame are no independent observations, and training on one of
 * them teaches the other. In other languages than English the two numbers keep frames of their own.
 */
export function sentenceFrame(template: string): string {
  const [before = '', ...after] = template.split('[M]');
  const all = before.trim().toLowerCase().split(/\s+/);
  const words = all.filter((word) => !ofSingular.has(word));
  while (words.length > 1 && beforeMask.has(words.at(-1) ?? '')) words.pop();
  return [...words.map(withoutNumber), ...(after.length > 0 ? ['[m]'] : [])].join(' ');
}

/** A word with its plural's ending, or its third person's, taken off. Endings in punctuation stay. */
function withoutNumber(word: string): string {
  const [, stem = word, rest = ''] = /^(\p{L}+)(\P{L}*)$/u.exec(word) ?? [];
  const singular = plurals[stem] ?? stem;
  const isShort = singular.length <= 3;
  return `${isShort || singular.endsWith('ss') ? singular : singular.replace(/s$/, '')}${rest}`;
}
