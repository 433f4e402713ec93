/**
 * What a classification run measures (paper section 4.2, figure 5), of an arm or of several seeds of it. Complete by type:
 * a field that is new in ClassificationResult or RuleResult does not compile without its entry here.
 */
import type { ClassificationResult, DecisionRule, RuleResult } from '../../protocol/run/classificationRun.ts';
import type { Measure } from './measure.ts';

export type DecisionMeasure = Measure<ClassificationResult>;

/** By what results differ: one measure for each of these, as far as any result has it. */
export interface DecisionShape {
  readonly rules: readonly DecisionRule[];
  readonly groups: readonly string[];
  readonly labels: readonly string[];
  /** The references of the bias gaps; of each result the first stand at index 0, the second at 1, and so on. */
  readonly references: readonly (readonly string[])[];
}

export function decisionShape(results: readonly ClassificationResult[]): DecisionShape {
  const rules = results.flatMap((result) => result.rules);
  const references: string[][] = [];
  for (const { biasGaps } of rules) {
    for (const [index, name] of distinct(biasGaps.map(({ reference }) => reference)).entries()) {
      references[index] = distinct([...(references[index] ?? []), name]);
    }
  }
  return {
    rules: distinct(rules.map(({ rule }) => rule)),
    groups: distinct([
      ...rules.flatMap(({ groups }) => groups.map(({ group }) => group)),
      ...results.flatMap(({ calibration }) => calibration.map(({ group }) => group)),
    ]),
    labels: distinct(results.flatMap(({ margins }) => margins.map(({ label }) => label))),
    references,
  };
}

export const ruleTitles: Readonly<Record<DecisionRule, string>> = {
  completion: "correct if the answer contains the label's word (the paper's rule)",
  probability: 'the label whose word is likeliest as the answer',
  head: 'the likeliest class of the classification head',
};

type RuleMeasures = (rule: DecisionRule, shape: DecisionShape) => readonly DecisionMeasure[];

const ruleFields = {
  rule: () => [],
  accuracy: (rule) => [
    {
      key: `${rule}.accuracy`,
      title: 'accuracy',
      unit: 'share',
      better: 'higher',
      read: of(rule, ({ accuracy }) => accuracy),
      csv: { stem: `${rule}_accuracy`, hasInterval: true },
      barTitle: 'Accuracy',
      most: 1,
    },
  ],
  groups: (rule, { groups }) =>
    groups.map((name) => ({
      key: `${rule}.accuracy.${name}`,
      title: ['accuracy, {0}', name],
      unit: 'share',
      better: 'higher',
      read: of(rule, (result) => result.groups.find(({ group }) => group === name)?.accuracy),
      csv: { stem: `${rule}_accuracy_${name}`, n: 'n', hasInterval: true },
    })),
  accuracyParity: (rule) => [
    {
      key: `${rule}.accuracyParity`,
      title: 'accuracy parity',
      unit: 'points',
      better: 'lower',
      read: of(rule, ({ accuracyParity }) => accuracyParity),
      csv: { stem: `${rule}_accuracy_parity`, value: 'points', hasInterval: true },
      barTitle: 'Largest difference in accuracy between groups',
    },
  ],
  worstGroupError: (rule) => [
    {
      key: `${rule}.worstGroupError`,
      title: 'worst group error',
      unit: 'points',
      better: 'lower',
      read: of(rule, ({ worstGroupError }) => worstGroupError),
      csv: { stem: `${rule}_worst_group_error`, value: 'points', hasInterval: true },
      remark: of(rule, ({ worstGroup }) => worstGroup),
      barTitle: 'Error rate of the worst group',
    },
  ],
  // Said in parentheses behind the worst group's error.
  worstGroup: () => [],
  biasGaps: (rule, { groups, references }) =>
    groups.flatMap((group) =>
      references.map((names, index) => ({
        key: `${rule}.biasGap.${group}${index === 0 ? '' : `.${index}`}`,
        title:
          references.length < 2
            ? ['harmful bias gap, {0}', group]
            : ['harmful bias gap, {0}, from {1}', group, names.join(' / ')],
        unit: 'points',
        better: 'lower',
        read: of(rule, ({ biasGaps }) => biasGaps.filter((own) => own.group === group)[index]?.gap),
        csv: {
          stem: `${rule}_bias_gap_${group}${index === 0 ? '' : `_${index + 1}`}`,
          value: 'points',
          hasInterval: true,
        },
        absence: { base: 'is the base', lora: 'no full fine-tuning to compare with', full: 'is the reference' },
      })),
    ),
  answers: (rule) =>
    rule === 'completion'
      ? [
          {
            key: 'answersWithoutLabel',
            title: 'answers without a label',
            unit: 'count',
            better: 'lower',
            read: of(rule, ({ answers }) => answers && { value: answers.none, n: answers.n }),
            csv: { stem: 'answers_without_label', n: 'n' },
          },
          {
            key: 'answersWithSeveralLabels',
            title: 'answers with several labels',
            unit: 'count',
            better: 'lower',
            read: of(rule, ({ answers }) => answers && { value: answers.several, n: answers.n }),
            csv: { stem: 'answers_with_several_labels', n: 'n' },
          },
        ]
      : [],
} as const satisfies Readonly<Record<keyof RuleResult, RuleMeasures>>;

const resultFields = {
  rules: (shape) => shape.rules.flatMap((rule) => ruleMeasures(rule, shape)),
  margins: ({ labels }) => labels.flatMap(marginMeasures),
  calibration: ({ groups }) =>
    groups.map((name) => ({
      key: `calibrationError.${name}`,
      title: ['calibration error, {0}', name],
      unit: 'share',
      better: 'lower',
      read: ({ calibration }) => calibration.find(({ group }) => group === name)?.error,
      csv: { stem: `calibration_error_${name}`, n: 'n' },
    })),
} as const satisfies Readonly<Record<keyof ClassificationResult, (shape: DecisionShape) => readonly DecisionMeasure[]>>;

/** What is measured of decisions that were read off by one rule. */
export function ruleMeasures(rule: DecisionRule, shape: DecisionShape): readonly DecisionMeasure[] {
  const fields: readonly RuleMeasures[] = Object.values(ruleFields);
  return fields.flatMap((measures) => measures(rule, shape));
}

/** How sure an arm was of its decisions, a pair of measures a label. */
export function allMarginMeasures(shape: DecisionShape): readonly DecisionMeasure[] {
  return resultFields.margins(shape);
}

/** Expected calibration error, a measure a group. */
export function calibrationMeasures(shape: DecisionShape): readonly DecisionMeasure[] {
  return resultFields.calibration(shape);
}

/** Everything. */
export function decisionMeasures(shape: DecisionShape): readonly DecisionMeasure[] {
  return Object.values(resultFields).flatMap((measures) => measures(shape));
}

function marginMeasures(name: string): readonly DecisionMeasure[] {
  const own = ({ margins }: ClassificationResult) => margins.find(({ label }) => label === name);
  const counted = (result: ClassificationResult) => {
    const margins = own(result);
    return margins && { value: margins.n };
  };
  return [
    {
      key: `decided.${name}`,
      title: ['decided {0}', name],
      unit: 'count',
      read: counted,
      csv: { stem: `decided_${name}` },
    },
    {
      key: `margin.${name}`,
      title: ['margin where {0}', name],
      unit: 'plain',
      better: 'higher',
      read: (result) => own(result)?.margin,
      csv: { stem: `margin_${name}`, hasInterval: true },
    },
  ];
}

function of<T>(rule: DecisionRule, read: (result: RuleResult) => T): (result: ClassificationResult) => T | undefined {
  return ({ rules }) => {
    const found = rules.find((own) => own.rule === rule);
    return found && read(found);
  };
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
