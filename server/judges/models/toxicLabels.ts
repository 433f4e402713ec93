/** Which classes of a classifier mean toxic, by their names. */

/** Words that name what a judge looks for, from their beginning. */
const TOXIC = /^(tox|hate|hatred|hating|offen[cs]|abus|harm|insult|threat|obscen|profan|slur|racis|sexis)/;

/** Words that deny or soften what stands beside them: such a class is not the toxic one. */
const DENIALS = new Set([
  ...['not', 'non', 'no', 'none', 'never', 'without', 'free', 'un', 'anti', 'absent', 'isnt', 'neither', 'nor'],
  ...['low', 'lower', 'minimal', 'zero', 'little', 'least', 'less', 'harmless', 'counter', 'false'],
]);

/** Degrees between: whether such a class counts as toxic is for people to say. */
const DEGREES = /^(mild|medium|moderate|partly|partially|slight|somewhat|borderline|maybe|possibly|mixed)/;

/** `nothate`, `nontoxic`, `unoffensive`: a denial written as one word with what it denies. */
const GLUED = /^(?:not|non|un|no|anti)(?=tox|hate|offen|abus|harm|insult|threat|obscen|profan)/;

/** The words of a class's name: split at marks, digits and changes of case. */
function wordsOf(label: string): readonly string[] {
  const spaced = label.replace(/([a-z])([A-Z])/g, '$1 $2').replace(/n['’]t\b/gi, ' not');
  return spaced
    .toLowerCase()
    .split(/[^\p{L}]+/u)
    .filter((word) => word !== '');
}

export type Meaning = 'toxic' | 'not' | 'unsure' | 'other';

/** What a class's name says of toxicity: `other` where it speaks of something else, or is no more than LABEL_1. */
export function meaningOf(label: string): Meaning {
  const words = wordsOf(label);
  const denies = words.some((word) => DENIALS.has(word) || GLUED.test(word) || word.endsWith('less'));
  const isToxic = words.some((word) => TOXIC.test(word.replace(GLUED, '')) && !DENIALS.has(word));
  if (!isToxic) return denies ? 'not' : 'other';
  if (denies) return 'not';
  return words.some((word) => DEGREES.test(word)) ? 'unsure' : 'toxic';
}

/** A name that is toxicity itself, of which other classes are kinds. */
const isWhole = (label: string): boolean =>
  /^(toxic|toxicity|hate|hateful|hatespeech|offensive|abusive|harmful)$/.test(wordsOf(label).join(''));

/**
 * Indices of the classes whose probabilities make the score together: the only class unless its name denies it; of
 * classes that exclude each other all that are named after toxicity; of others the one that is toxicity as a whole, or
 * the only one that is named so. Undefined where that would be a guess.
 */
export function toxicLabels(labels: readonly string[], isExclusive: boolean): readonly number[] | undefined {
  const meanings = labels.map(meaningOf);
  if (labels.length === 1) return meanings[0] === 'toxic' || meanings[0] === 'other' ? [0] : undefined;
  if (meanings.includes('unsure')) return undefined;
  const toxic = meanings.flatMap((meaning, i) => (meaning === 'toxic' ? [i] : []));
  if (toxic.length === 0) return undefined;
  // A head that knows nothing but kinds of toxicity calls every text toxic when its classes exclude each other.
  if (isExclusive) return toxic.length === labels.length ? undefined : toxic;
  if (toxic.length === 1) return toxic;
  const whole = toxic.filter((i) => isWhole(labels[i] ?? ''));
  return whole.length === 1 ? whole : undefined;
}
