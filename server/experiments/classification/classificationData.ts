/** Labelled texts of a classification sweep: which train, tune and test, and whom they are about. */
import { readLabelled, type LabelledExample } from '../../dataset/readLabelled.ts';
import type { ClassificationSweep, LabelledFile } from '../../protocol/sweep/classificationSweep.ts';
import type { GroupCounts } from '../../protocol/run/classificationRun.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import { createRandom, permutation } from '../../random/random.ts';
import { spread } from '../data/pairSplit.ts';
import { isTuned } from '../data/tuningGrid.ts';
import type { LabelledText } from '../ports/classifierPort.ts';

/** A text, the index of its label among the sweep's, and its group. */
export interface GroupedText extends LabelledText {
  readonly group: string;
}

/** All that is read from files, before a model is opened. */
export interface ClassificationData {
  readonly training: readonly GroupedText[];
  readonly test: readonly GroupedText[];
  /** Learning rates are chosen by these; empty where the sweep names its rates and no tune split. */
  readonly tune: readonly GroupedText[];
  /** The groups that are compared, in the order of the sweep or of their first appearance. */
  readonly groups: readonly string[];
}

/** What a sweep that tunes its rates and names no tune split gets. */
const usualTune = { fraction: 0.15, seed: 0 } as const;
/** Tune texts that are scored at the most: more cost time at every trial and tell little more. */
const mostTuneTexts = 256;

/**
 * Reads and splits the sweep's files. Texts of the test file are never trained on: training examples of the same text
 * are left out. Throws RankscopeError('data') for a broken line, a label that the sweep does not know, a minority that
 * nobody belongs to, and where a side is left empty.
 */
export async function readClassificationData({
  data,
  arms,
}: Pick<ClassificationSweep, 'data' | 'arms'>): Promise<ClassificationData> {
  const all = limited(await readGrouped(data.train, data), data.train);
  const { training, test } =
    'file' in data.test
      ? { training: all, test: limited(await readGrouped(data.test, data), data.test) }
      : heldOutShare(all, data.test);
  const kept = new Set(test.map(({ text }) => text));
  const apart = training.filter(({ text }) => !kept.has(text));
  if (apart.length === 0 || test.length === 0) throw nothingLeft(data.train.file, apart.length === 0);
  const { rest, tune } = await tuneTexts(apart, { data, arms });
  const forTune = tune.filter(({ text }) => !kept.has(text));
  if (rest.length === 0) throw nothingLeft(data.train.file, true);
  const groups = data.groups.of ?? groupNames(data, [...rest, ...test]);
  assertMinority(data, rest);
  return { training: rest, test, tune: spread(forTune, mostTuneTexts), groups: [...new Set(groups)] };
}

/** The texts that rates are chosen by, and the training texts that are not among them. */
async function tuneTexts(
  training: readonly GroupedText[],
  { data, arms }: Pick<ClassificationSweep, 'data' | 'arms'>,
): Promise<{ readonly rest: readonly GroupedText[]; readonly tune: readonly GroupedText[] }> {
  const wanted = data.tune ?? (isTuned(arms.learningRate) ? usualTune : undefined);
  if (!wanted) return { rest: training, tune: [] };
  if (!('file' in wanted)) {
    const { training: rest, test: tune } = heldOutShare(training, wanted);
    if (tune.length > 0) return { rest, tune };
    throw fault('no example is left to choose learning rates by', data.train.file, remedyOfTune);
  }
  const tune = limited(await readGrouped(wanted, data), wanted);
  const same = new Set(tune.map(({ text }) => text));
  return { rest: training.filter(({ text }) => !same.has(text)), tune };
}

const remedyOfTune = 'Give more examples, a file of other examples (data.tune.file), or a number as "learningRate".';

type Data = ClassificationSweep['data'];

async function readGrouped(file: LabelledFile, data: Data): Promise<readonly GroupedText[]> {
  const { text, label, group } = data.columns;
  const fields = { ...(text && { text }), ...(label && { label }), ...(group && { group }) };
  const values = data.labels.flatMap((own) => own.values);
  const examples = await readLabelled(file.file, { fields, header: file.header }, values);
  return examples.map((example) => grouped(example, data));
}

function grouped(example: LabelledExample, data: Data): GroupedText {
  const label = data.labels.findIndex(({ values }) => values.includes(example.label));
  const text = firstWords(example.text, data.maxWords);
  if (label < 0) {
    const known = data.labels.flatMap(({ values }) => values).join(', ');
    const what = `the label "${example.label.slice(0, 40)}" is none of the sweep's (${known})`;
    throw fault(what, example.where, 'Write how the file writes its labels into data.labels.');
  }
  if (data.groups.by === 'label') return { text, label, group: data.labels[label]?.word ?? '' };
  if (example.group !== undefined && example.group !== '') return { text, label, group: example.group };
  throw fault('the text has no group', example.where, 'Name the column of the group (data.columns.group).');
}

/** The text without spaces at its ends, cut after its first so many words; spaces between words stay as they are. */
function firstWords(text: string, most: number): string {
  const trimmed = text.trim();
  const words = [...trimmed.matchAll(/\S+/g)];
  const last = words[most - 1];
  return last === undefined || words.length <= most ? trimmed : trimmed.slice(0, last.index + last[0].length);
}

/** The first `limit`, or that many at random but in the file's order. */
function limited(examples: readonly GroupedText[], { limit, sampleSeed }: LabelledFile): readonly GroupedText[] {
  if (limit === undefined || limit >= examples.length) return examples;
  if (sampleSeed === undefined) return examples.slice(0, limit);
  const drawn = new Set(permutation(createRandom(sampleSeed), examples.length).slice(0, limit));
  return examples.filter((_, index) => drawn.has(index));
}

/** Holds out the same share of every label, so that no class is missing from either side by chance. */
function heldOutShare(
  examples: readonly GroupedText[],
  { fraction, seed }: { readonly fraction: number; readonly seed: number },
): { readonly training: readonly GroupedText[]; readonly test: readonly GroupedText[] } {
  const kept = new Set<number>();
  for (const label of new Set(examples.map((example) => example.label))) {
    const members = [...examples.keys()].filter((index) => examples[index]?.label === label);
    const order = permutation(createRandom(seed, label), members.length);
    for (const place of order.slice(0, Math.round(fraction * members.length))) kept.add(members[place] ?? -1);
  }
  return {
    training: examples.filter((_, index) => !kept.has(index)),
    test: examples.filter((_, index) => kept.has(index)),
  };
}

/**
 * The training examples with only a share of the minority's. Those kept at a lower share are among those kept at a
 * higher one, and the order of the examples stays (paper, appendix B.2).
 */
export function withRarerMinority(
  training: readonly GroupedText[],
  minority: Data['minority'],
  share: number | undefined,
): readonly GroupedText[] {
  if (!minority || share === undefined || share >= 1) return training;
  const members = [...training.keys()].filter((index) => training[index]?.group === minority.group);
  const order = permutation(createRandom(minority.seed), members.length);
  const count = Math.max(1, Math.round(share * members.length));
  const kept = new Set(order.slice(0, count).map((place) => members[place]));
  return training.filter(({ group }, index) => group !== minority.group || kept.has(index));
}

/** How many examples each group has; those of other groups are not counted. */
export function groupCounts(examples: readonly GroupedText[], groups: readonly string[]): readonly GroupCounts[] {
  return groups.map((group) => ({ group, n: examples.filter((example) => example.group === group).length }));
}

function groupNames(data: Data, examples: readonly GroupedText[]): readonly string[] {
  if (data.groups.by === 'label') return data.labels.map(({ word }) => word);
  return examples.map(({ group }) => group);
}

function assertMinority(data: Data, training: readonly GroupedText[]): void {
  const wanted = data.minority?.group;
  if (wanted === undefined || training.some(({ group }) => group === wanted)) return;
  const found = [...new Set(training.map(({ group }) => group))].slice(0, 10).join(', ');
  const what = `no training example belongs to the minority "${wanted}"; the groups are ${found}`;
  throw fault(what, data.train.file, 'Name one of them in data.minority.group.');
}

function nothingLeft(file: string, isTraining: boolean): RankscopeError {
  const what = isTraining ? 'no example is left to train on: all are test examples' : 'no test example is left';
  return fault(what, file, 'Give more examples, or hold out another share of them.');
}

function fault(what: string, where: string, remedy: string): RankscopeError {
  return new RankscopeError({ code: 'data', what, where, remedy });
}
