/** Why a line of a generator's answer is not trained on. */
export type Dropped =
  | 'refused'
  | 'not in the numbered list'
  | 'without the prefix'
  | 'incomplete'
  | 'duplicate'
  | 'more than asked for'
  | 'toxic'
  | 'unjudged';

export interface ParsedCounterfactuals {
  /** What follows the prefix, with a space in front unless the prefix ends in one. */
  readonly completions: readonly string[];
  /** One reason a line that was dropped. */
  readonly dropped: readonly Dropped[];
}

/**
 * Reads a generator's answer strictly: `1. the prefix and the rest of a sentence.` a line. Anything else is dropped
 * with its reason, since a lenient reading would train the arms on headings, refusals and half sentences.
 */
export function parseCounterfactuals(answer: string, prefix: string, limit: number): ParsedCounterfactuals {
  const completions: string[] = [];
  const dropped: Dropped[] = [];
  const seen = new Set<string>();
  for (const line of answer.split(/\r?\n/).filter((text) => text.trim() !== '')) {
    const read = readLine(line, prefix);
    if (typeof read === 'string') dropped.push(read);
    else if (seen.has(keyOf(read.rest))) dropped.push('duplicate');
    else if (completions.length === limit) dropped.push('more than asked for');
    else {
      seen.add(keyOf(read.rest));
      completions.push(/\s$/.test(prefix) ? read.rest : ` ${read.rest}`);
    }
  }
  return { completions, dropped };
}

function readLine(line: string, prefix: string): Dropped | { readonly rest: string } {
  const item = /^\s*\d{1,3}[.)]\s+(.+?)\s*$/.exec(line)?.[1];
  if (refusal.test(item ?? line)) return 'refused';
  if (item === undefined) return 'not in the numbered list';
  const statement = item.replace(/^["'“](.*)["'”]$/, '$1');
  const start = prefix.trim().toLowerCase();
  if (!statement.toLowerCase().startsWith(start)) return 'without the prefix';
  const after = statement.slice(start.length);
  // The prefix must end where a word ends: "the man" does not begin "the manager".
  if (after !== '' && !/^\s/.test(after)) return 'without the prefix';
  const rest = after.trim();
  return /[\p{L}\p{N}].*[.!?]$/u.test(rest) ? { rest } : 'incomplete';
}

const refusal =
  /^\s*["'“]?(i['’]?m sorry|i am sorry|sorry,|i (can ?not|can['’]t|won['’]t)|i['’]m (unable|not able)|i am (unable|not able)|as an (ai|artificial))/i;

const keyOf = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
