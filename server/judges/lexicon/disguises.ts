/** What decides which disguised spellings are seen through, for a judge's hash. */
export const disguiseRules =
  'runs of three or more letters -> two, one; 0 1 3 4 5 7 in words of four or more -> o i/l e a s t';

const digits: Readonly<Record<string, string>> = { 0: 'o', 3: 'e', 4: 'a', 5: 's', 7: 't' };

/**
 * Spellings that a disguised word may stand for, most likely first: "stuuupid" for "stupid", "wh0re" for "whore". None
 * for a word that is spelled as words are: no English word has a letter three times in a row, and one that mixes
 * letters and digits is looked up only if it has four characters or more ("4th" and "2nd" are no disguises).
 */
export function disguises(key: string): readonly string[] {
  const repeated = /([a-z])\1\1/.test(key);
  const mixed = key.length >= 4 && /\d/.test(key) && /[a-z].*[a-z]/.test(key);
  if (!repeated && !mixed) return [];
  const spelled = mixed ? readings(key) : [key];
  return repeated ? spelled.flatMap((form) => [shorten(form, '$1$1'), shorten(form, '$1')]) : spelled;
}

function readings(key: string): readonly string[] {
  const letters = key.replace(/[03457]/g, (digit) => digits[digit] ?? digit);
  return [letters.replaceAll('1', 'i'), letters.replaceAll('1', 'l')];
}

function shorten(word: string, to: string): string {
  return word.replace(/([a-z])\1{2,}/g, to);
}
