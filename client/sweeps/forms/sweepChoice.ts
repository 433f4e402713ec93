/** What a person has chosen for a new sweep, step by step. Paths are absolute. */
import type { ExperimentName } from '../../../server/protocol/sweep/experiments.ts';
import { sentimentLabels } from '../../../server/protocol/sweep/textDefaults.ts';

export type ModelChoice =
  { readonly kind: 'path'; readonly path: string } | { readonly kind: 'hub'; readonly id: string };

export interface CommonChoice {
  readonly name: string;
  readonly model: ModelChoice;
  readonly ranks: readonly number[];
  readonly full: boolean;
  readonly effort: 'quick' | 'thorough' | 'paper';
}

export interface ToxicitySweepChoice extends CommonChoice {
  readonly experiment: 'toxicity';
  readonly prompts: string;
  readonly heldOut?: string | undefined;
  readonly pairs: string;
  readonly heldOutPairs?: string | undefined;
}

export interface ClassificationSweepChoice extends CommonChoice {
  readonly experiment: 'classification';
  /** A file of labelled texts, or a folder with a subfolder of texts a label. */
  readonly train: string;
  /** Whether the first line of `train` names columns. */
  readonly header: boolean;
  /** A fifth of `train` unless given. */
  readonly test?: string | undefined;
  readonly labels: readonly LabelChoice[];
  /** The label that is made rarer in training; none unless given. */
  readonly minority?: string | undefined;
  /** Tokens that the model reads, where that is known. */
  readonly contextLength?: number | undefined;
}

/** A class: the word that names it, and how the files write it. */
export interface LabelChoice {
  readonly word: string;
  readonly values: readonly string[];
}

/** What was chosen for each experiment. */
interface Choices {
  readonly toxicity: ToxicitySweepChoice;
  readonly classification: ClassificationSweepChoice;
}
export type ChoiceOf<E extends ExperimentName> = Choices[E];
export type SweepChoice = ChoiceOf<ExperimentName>;

/** All that steps may have answered, of any experiment. */
export type SweepAnswers = CommonChoice &
  Omit<ToxicitySweepChoice, 'experiment'> &
  Omit<ClassificationSweepChoice, 'experiment'> & { readonly experiment: ExperimentName };

/** Whether labels as a file writes them are all known as sentiment, which a sweep file need not name. */
export function isSentiment(values: readonly string[]): boolean {
  const known = sentimentLabels.flatMap((label) => label.values);
  return values.every((value) => known.includes(value));
}

/** Labels by the words that a person gave, separated by commas, in the order of the values; undefined where they do not fit. */
export function namedLabels(values: readonly string[], words: string): readonly LabelChoice[] | undefined {
  const given = words.split(',').map((word) => word.trim());
  if (given.length !== values.length || given.includes('') || new Set(given).size < given.length) return undefined;
  return values.map((value, index) => ({ word: given[index] ?? '', values: [value] }));
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

/** Likely files of labelled texts first. */
export function labelledFirst(files: readonly string[]): string[] {
  return ranked(
    files,
    [/(^|[\\/])train[^\\/]*$/i, /sst|imdb|label|sentiment|review/i],
    /held-?out|prompts|pairs|honest/i,
  );
}

/** Where the test examples of a file or folder of training examples may be: by its name, `train` made `test` or the like. */
export function testCandidates(train: string): string[] {
  const [, folder = '', name = ''] = /^(.*[\\/])?([^\\/]*)$/.exec(train) ?? [];
  const instead = ['test', 'dev', 'validation', 'val'].map((word) => name.replace(/train(ing)?/i, word));
  const before = ['test-', 'held-out-'].map((prefix) => prefix + name);
  return [...instead, ...before].filter((other) => other !== name).map((other) => folder + other);
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
