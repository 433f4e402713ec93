/** What a person has chosen for a new sweep, step by step. Paths are absolute. */
export type ModelChoice =
  { readonly kind: 'path'; readonly path: string } | { readonly kind: 'hub'; readonly id: string };

export interface ToxicitySweepChoice {
  readonly name: string;
  readonly model: ModelChoice;
  readonly prompts: string;
  readonly heldOut?: string | undefined;
  readonly pairs: string;
  readonly heldOutPairs?: string | undefined;
  readonly ranks: readonly number[];
  readonly full: boolean;
  readonly effort: 'quick' | 'paper';
}

/** The ranks of the paper's figures, all chosen until somebody takes one away. */
export const usualRanks: readonly number[] = [2, 4, 8, 16, 32, 64];

/** A hub id is `owner/name` of the characters that the hub allows. */
export function isHubId(text: string): boolean {
  return /^[\w][\w.-]{0,95}\/[\w][\w.-]{0,95}$/.test(text);
}

/** Likely prompt files first: those called so, then tables, then the rest; each group by name. */
export function promptsFirst(files: readonly string[]): string[] {
  return ranked(files, [/(^|[\\/])prompts[^\\/]*$/i, /honest|prompt/i, /\.tsv$/i], /held-?out|pairs/i);
}

/** Likely files of fine-tuning pairs first. */
export function pairsFirst(files: readonly string[]): string[] {
  return ranked(files, [/(^|[\\/])pairs[^\\/]*$/i, /pair|train|counterfactual/i], /held-?out|prompts/i);
}

function ranked(files: readonly string[], wanted: readonly RegExp[], unwanted: RegExp): string[] {
  const rank = (file: string) => {
    if (unwanted.test(file)) return wanted.length + 1;
    const at = wanted.findIndex((pattern) => pattern.test(file));
    return at < 0 ? wanted.length : at;
  };
  return [...files].sort((a, b) => rank(a) - rank(b) || a.localeCompare(b));
}

/** The held-out file that belongs to `file` by its name, among those that are there. */
export function heldOutOf(file: string, there: readonly string[]): string | undefined {
  const [, folder = '', name = ''] = /^(.*[\\/])?([^\\/]*)$/.exec(file) ?? [];
  const names = ['held-out-', 'heldout-', 'held_out_', 'test-', 'validation-'].map((prefix) => folder + prefix + name);
  return names.find((candidate) => there.includes(candidate));
}
