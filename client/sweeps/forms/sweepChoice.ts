/** The choices for a new sweep. Paths are absolute. */
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
  /** A file of labelled texts, or a folder with a subfolder of texts for each label. */
  readonly train: string;
  /** Whether the first line of `train` names columns. */
  readonly header: boolean;
  /** The test file. The default is a fifth of `train`. */
  readonly test?: string | undefined;
  readonly labels: readonly LabelChoice[];
  /** The label that training makes rarer. The default is none. */
  readonly minority?: string | undefined;
  /** Number of tokens that the model can read, where that is known. */
  readonly contextLength?: number | undefined;
}

/** A class: its name, and the values that mean it in the files. */
export interface LabelChoice {
  readonly word: string;
  readonly values: readonly string[];
}

/** The choices by experiment. */
interface Choices {
  readonly toxicity: ToxicitySweepChoice;
  readonly classification: ClassificationSweepChoice;
}
export type ChoiceOf<E extends ExperimentName> = Choices[E];
export type SweepChoice = ChoiceOf<ExperimentName>;

/** The answers to the steps of any experiment. */
export type SweepAnswers = CommonChoice &
  Omit<ToxicitySweepChoice, 'experiment'> &
  Omit<ClassificationSweepChoice, 'experiment'> & { readonly experiment: ExperimentName };

/** Whether all labels of a file are known names of sentiments, which a sweep file need not list. */
export function isSentiment(values: readonly string[]): boolean {
  const known = sentimentLabels.flatMap((label) => label.values);
  return values.every((value) => known.includes(value));
}

/**
 * Labels with the names that a person typed, separated by commas, in the order of the values; undefined where their
 * number differs.
 */
export function namedLabels(values: readonly string[], words: string): readonly LabelChoice[] | undefined {
  const given = words.split(',').map((word) => word.trim());
  if (given.length !== values.length || given.includes('') || new Set(given).size < given.length) return undefined;
  return values.map((value, index) => ({ word: given[index] ?? '', values: [value] }));
}

/** The ranks of the paper's figures. All are selected at first. */
export const usualRanks: readonly number[] = [2, 4, 8, 16, 32, 64];

/** A hub id is `owner/name` of the characters that the hub allows. */
export function isHubId(text: string): boolean {
  return /^[\w][\w.-]{0,95}\/[\w][\w.-]{0,95}$/.test(text);
}

/**
 * Sorts files so that likely prompt files come first: those with such a name, then tables, then the rest, each
 * group by name.
 */
export function promptsFirst(files: readonly string[]): string[] {
  return ranked(files, [/(^|[\\/])prompts[^\\/]*$/i, /honest|prompt/i, /\.tsv$/i], /held-?out|pairs/i);
}

/** Sorts files so that likely files of fine-tuning pairs come first. */
export function pairsFirst(files: readonly string[]): string[] {
  return ranked(files, [/(^|[\\/])pairs[^\\/]*$/i, /pair|train|counterfactual/i], /held-?out|prompts/i);
}

/** Sorts files so that likely files of labelled texts come first. */
export function labelledFirst(files: readonly string[]): string[] {
  return ranked(
    files,
    [/(^|[\\/])train[^\\/]*$/i, /sst|imdb|label|sentiment|review/i],
    /held-?out|prompts|pairs|honest/i,
  );
}

/** Likely names of the test file or folder for a training file or folder, e.g. `test` for `train`. */
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

/** The held-out file whose name matches `file`, among the given files. */
export function heldOutOf(file: string, there: readonly string[]): string | undefined {
  const [, folder = '', name = ''] = /^(.*[\\/])?([^\\/]*)$/.exec(file) ?? [];
  const names = ['held-out-', 'heldout-', 'held_out_', 'test-', 'validation-'].map((prefix) => folder + prefix + name);
  return names.find((candidate) => there.includes(candidate));
}
