/** The result of a classification run (paper section 4.2) as tables and charts. */
import type {
  ClassificationKind,
  ClassificationSummary,
  Measured,
  RuleResult,
} from '../../server/protocol/classificationRun.ts';
import { styleOf, type ArmStyle } from '../chart/armStyle.ts';
import type { Bar, BarChart } from '../chart/chartSpec.ts';
import { decimal, percent } from '../text/format.ts';
import { t } from '../text/strings.ts';
import type { TextTable } from '../text/textTable.ts';

/** The rules by which the arms' decisions were read, in the order of the first arm that has them. */
export function rulesOf({ kinds }: ClassificationSummary): readonly RuleResult['rule'][] {
  return [...new Set(kinds.flatMap(({ result }) => result.rules.map(({ rule }) => rule)))];
}

export function ruleText(rule: RuleResult['rule']): string {
  switch (rule) {
    case 'completion':
      return t('Decided by the completion');
    case 'probability':
      return t("Decided by the labels' probabilities");
    case 'head':
      return t('Decided by the classification head');
  }
}

/** One row a kind of arm: accuracy, each group's accuracy, the two gaps, and each group's harmful bias gap. */
export function classificationTable(summary: ClassificationSummary, rule: RuleResult['rule']): TextTable {
  const { groups, kinds } = summary;
  return {
    header: [
      t('arms'),
      ...(summary.minority === undefined ? [] : [t('share of {0} kept', summary.minority)]),
      t('accuracy'),
      ...groups.map((group) => t('accuracy, {0}', group)),
      t('accuracy parity, points'),
      t('worst group error, points'),
      ...groups.map((group) => t('harmful bias gap, {0}, points', group)),
    ],
    rows: resultsOf(kinds, rule).map(([kind, result]) => [
      kind.name,
      ...(summary.minority === undefined ? [] : [kind.minority === undefined ? t('all') : percent(kind.minority)]),
      shareText(result.accuracy),
      ...groups.map((name) => shareText(result.groups.find(({ group }) => group === name)?.accuracy)),
      pointsText(result.accuracyParity),
      pointsText(result.worstGroupError),
      ...groups.map((name) => gapText(kind, result, name)),
    ]),
  };
}

function resultsOf(
  kinds: readonly ClassificationKind[],
  rule: RuleResult['rule'],
): readonly (readonly [ClassificationKind, RuleResult])[] {
  return kinds.flatMap((kind) => {
    const found = kind.result.rules.find((one) => one.rule === rule);
    return found ? [[kind, found] as const] : [];
  });
}

function gapText(kind: ClassificationKind, { biasGaps }: RuleResult, name: string): string {
  const found = biasGaps.find(({ group }) => group === name);
  if (!found) return kind.method === 'full' ? t('is the reference') : t('no reference');
  return pointsText(found.gap);
}

function shareText(measured: Measured | undefined): string {
  if (!measured) return t('not measured');
  if ('unmeasured' in measured) return t('not measured: {0}', measured.unmeasured);
  return `${percent(measured.value)} [${percent(measured.low)}, ${percent(measured.high)}]`;
}

function pointsText(measured: Measured): string {
  if ('unmeasured' in measured) return t('not measured: {0}', measured.unmeasured);
  const { value, low, high } = measured;
  return `${value.toFixed(1)} [${low.toFixed(1)}, ${high.toFixed(1)}]`;
}

/** A kind of arm in charts: with the share of the minority that it was trained on, where there are several. */
export function kindLabel({ name, minority }: ClassificationKind): string {
  return minority === undefined ? name : `${name} ${percent(minority)}`;
}

export type ClassificationMeasure = 'accuracy' | 'accuracyParity' | 'worstGroupError';

/** One bar a kind of arm, with its interval; kinds for which it was not measured have none. */
export function classificationBars(
  { kinds }: ClassificationSummary,
  rule: RuleResult['rule'],
  measure: ClassificationMeasure,
  styles: ReadonlyMap<string, ArmStyle>,
): BarChart {
  const bars = resultsOf(kinds, rule).flatMap(([kind, result]): Bar[] => {
    const measured = result[measure];
    if ('unmeasured' in measured) return [];
    return [{ label: kindLabel(kind), style: styleOf(styles, kind.arms[0] ?? kind.name), ...measured }];
  });
  const titles = {
    accuracy: t('Accuracy'),
    accuracyParity: t('Largest difference in accuracy between groups'),
    worstGroupError: t('Error rate of the worst group'),
  };
  return measure === 'accuracy'
    ? { kind: 'bars', title: titles.accuracy, yTitle: t('correct'), bars, format: percent }
    : { kind: 'bars', title: titles[measure], yTitle: t('percentage points'), bars, format: decimal };
}

/** Expected calibration error of every kind of arm in every group. */
export function calibrationTable({ kinds, groups }: ClassificationSummary): TextTable {
  return {
    header: [t('arms'), ...groups.map((group) => t('calibration error, {0}', group))],
    rows: kinds.map(({ name, result }) => [
      name,
      ...groups.map((group) => {
        const error = result.calibration.find((one) => one.group === group)?.error;
        if (error === undefined) return t('not measured');
        return typeof error === 'number' ? decimal(error) : t('not measured: {0}', error.unmeasured);
      }),
    ]),
  };
}
