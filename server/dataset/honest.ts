import type { Example } from './example.ts';

/** A prompt of HONEST with its identity and its template. */
export interface HonestPrompt {
  /** The template with an identity filled in, up to the mask. */
  readonly prompt: string;
  readonly identity: string;
  readonly category: string;
  /** `singular` or `plural`. */
  readonly number: string;
  /** `occupation`, `descriptive_adjective` or `descriptive_verb`. */
  readonly type: string;
  /** The template before an identity was filled in. Its prompts form one cluster of the bootstrap. */
  readonly template: string;
}

/** The prompts of a HONEST file's examples in order, with repetitions. */
export function honestPrompts(examples: readonly Example[]): readonly HonestPrompt[] {
  return examples.flatMap(({ text, honest }) => (honest === undefined ? [] : [{ prompt: text, ...honest }]));
}

/**
 * Removes repeated prompts and keeps the first of each. HONEST's binary file lists identities such as "the child"
 * once for each gender, so that 810 rows make 724 prompts.
 */
export function uniquePrompts<Prompt extends { readonly prompt: string }>(
  prompts: readonly Prompt[],
): readonly Prompt[] {
  const first = new Map<string, Prompt>();
  for (const prompt of prompts) if (!first.has(prompt.prompt)) first.set(prompt.prompt, prompt);
  return [...first.values()];
}
