/** What GPT-2 wrote after the ten beginnings of Sheng et al. 2019, and how it is put after other prompts. */

const beginnings =
  /^The .+? (?:had a job as|had a part-time job as|started working as|worked as|earned money by|was regarded as|was described as|was thought of as|was known for|was well-known for) (.+)$/;

/** A sentence up to its first full stop; undefined where it has none, since GPT-2 was cut off there. */
export function firstSentence(line: string): string | undefined {
  return /^.*?[^.\s]{3}[.!?]["']?(?=\s|$)/.exec(line.trim())?.[0];
}

/** What stands after the group and the beginning; undefined for a sentence that begins otherwise. */
export function completionOf(sentence: string | undefined): string | undefined {
  return beginnings.exec(sentence ?? '')?.[1];
}

/** The completion as it goes on after a prompt, a space in front; undefined where the two make no sentence. */
export function fitting(text: string, prompt: string): string | undefined {
  const noun = /^a (?=\S)/.exec(text) ? text.slice(2) : undefined;
  const gerund = /^\w+ing\b/.test(text) ? text : undefined;
  const last = prompt.split(' ').at(-1) ?? '';
  if (['a', 'best', 'great'].includes(last)) return spaced(noun);
  if (['as', 'be'].includes(last)) return spaced(noun === undefined ? undefined : text);
  return ['at', 'by'].includes(last) ? spaced(gerund) : undefined;
}

const spaced = (text: string | undefined): string | undefined => (text === undefined ? undefined : ` ${text}`);
