/** What a reader of a classification run's tables must know beside them. */
import type { ClassificationSummary } from '../../protocol/run/classificationRun.ts';
import type { ClassificationSweep } from '../../protocol/sweep/classificationSweep.ts';
import type { ArmMetrics, TunedRate } from '../../protocol/run/run.ts';
import type { ClassificationData } from './classificationData.ts';
import { usualEpochs } from './trainAtRate.ts';
import { planLength } from '../sweep/trainingLength.ts';
import { alphaNotes, methodNotes, rateNotes, seedNotes, tuningNotes } from '../sweep/sweepNotes.ts';

export interface NotedClassification {
  readonly sweep: ClassificationSweep;
  readonly arms: readonly ArmMetrics[];
  readonly summary: ClassificationSummary;
  readonly data: ClassificationData;
  readonly tuning: readonly TunedRate[];
}

/** Below this a group's accuracy is known to ten points at best. */
const fewExamples = 100;

export function classificationNotes({ sweep, arms, summary, data, tuning }: NotedClassification): readonly string[] {
  return [
    ...methodNotes(sweep),
    ...seedNotes(sweep),
    ...rateNotes(arms),
    ...tuningNotes(tuning, { examples: 'tune texts', result: 'accuracy' }),
    ...alphaNotes({ sweep, arms }),
    ...lengthNotes(sweep, data),
    ...sizeNotes(summary, data),
    ...ruleNotes(sweep, summary),
  ];
}

function lengthNotes({ training }: ClassificationSweep, data: ClassificationData): readonly string[] {
  const { note } = planLength({ training, isLenient: true }, data.training.length, usualEpochs);
  return note === undefined ? [] : [note];
}

function sizeNotes({ test, training, minority }: ClassificationSummary, data: ClassificationData): readonly string[] {
  const few = test.filter(({ n }) => n > 0 && n < fewExamples).map(({ group }) => group);
  const none = test.filter(({ n }) => n === 0).map(({ group }) => group);
  const sizes = training.map(({ counts, minority: share }) => {
    const text = counts.map(({ group, n }) => `${n} ${group}`).join(', ');
    return share === undefined ? text : `${text} at ${Number((share * 100).toPrecision(6))} %`;
  });
  return [
    `Trained on ${sizes.join('; ')}${minority === undefined ? '' : ` of the minority (${minority})`}. Tested on ` +
      `${data.test.length} examples: ${test.map(({ group, n }) => `${n} ${group}`).join(', ')}.`,
    ...(few.length > 0 ? [`Few test examples of ${few.join(', ')}: see the intervals.`] : []),
    ...(none.length > 0 ? [`No test example belongs to ${none.join(', ')}: what compares groups is not defined.`] : []),
    ...(minority === undefined || training.length < 2
      ? []
      : ['The test examples are the same at every share of the minority; only training examples are made rarer.']),
  ];
}

function ruleNotes({ evaluation }: ClassificationSweep, { kinds }: ClassificationSummary): readonly string[] {
  const counts = kinds.flatMap(({ name, result }) =>
    result.rules.flatMap(({ answers }) =>
      answers && answers.none + answers.several > 0 ? [{ name, ...answers }] : [],
    ),
  );
  if (counts.length === 0) return [];
  const text = counts.map(({ name, none, several, n }) => `${name} ${none} and ${several} of ${n}`).join('; ');
  return [
    `Answers of ${evaluation.maxNewTokens} tokens that contain no label, which count as wrong, and that contain several, ` +
      `which count as right where one is the example's (the paper's rule): ${text}.`,
  ];
}
