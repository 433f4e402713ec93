/** The result of a classification run (paper section 4.2) as tables: a row a kind of arm. */
import type {
  ClassificationKind,
  ClassificationResult,
  ClassificationSummary,
  DecisionRule,
} from '../../protocol/run/classificationRun.ts';
import type { ArmMethod } from '../../protocol/run/armMethod.ts';
import {
  allMarginMeasures,
  calibrationMeasures,
  decisionShape,
  ruleMeasures,
  type DecisionMeasure,
  type DecisionShape,
} from './decisionMeasures.ts';
import { chosenShare } from '../text/format.ts';
import { measureColumns, tableOf } from './measureTable.ts';
import { english, type Say } from '../text/say.ts';
import type { TextTable } from '../text/textTable.ts';

type KindSource = ClassificationResult & { readonly method: ArmMethod };

/** The rules of a run, the one that it shows first coming first. */
export function rulesOf(summary: ClassificationSummary): readonly DecisionRule[] {
  return shapeOf(summary).rules;
}

export function shapeOf({ kinds, groups, labels }: ClassificationSummary): DecisionShape {
  return { ...decisionShape(kinds.map(({ result }) => result)), groups, labels };
}

/** Accuracy, of each group, the gaps between groups, and the harmful bias gaps, by one rule. */
export function ruleTable(summary: ClassificationSummary, rule: DecisionRule, say: Say = english): TextTable {
  const kinds = summary.kinds.filter(({ result }) => result.rules.some((own) => own.rule === rule));
  return kindTable({ ...summary, kinds }, ruleMeasures(rule, shapeOf(summary)), say);
}

/** How sure the arms were where they decided for a label (paper figure 5). */
export function marginTable(summary: ClassificationSummary, say: Say = english): TextTable {
  return kindTable(summary, allMarginMeasures(shapeOf(summary)), say);
}

/** Expected calibration error of the label probabilities, by group. */
export function calibrationTable(summary: ClassificationSummary, say: Say = english): TextTable {
  return kindTable(summary, calibrationMeasures(shapeOf(summary)), say);
}

function kindTable(
  { kinds, minority }: ClassificationSummary,
  measures: readonly DecisionMeasure[],
  say: Say,
): TextTable {
  const source = ({ result, method }: ClassificationKind): KindSource => ({ ...result, method });
  return tableOf(kinds, [
    { heading: say('arms'), cell: ({ name }) => name },
    ...(minority === undefined
      ? []
      : [{ heading: say('{0} kept', minority), cell: (kind: ClassificationKind) => shareText(kind, say) }]),
    ...measures.flatMap((measure) =>
      measureColumns<KindSource>(measure, say).map(({ heading, cell }) => ({
        heading,
        cell: (kind: ClassificationKind) => cell(source(kind)),
      })),
    ),
  ]);
}

/** `25 %` of the minority kept; the base has seen no training example. */
export function shareText(
  { minority, method }: Pick<ClassificationKind, 'minority' | 'method'>,
  say: Say = english,
): string {
  if (method === 'base') return say('not trained');
  return minority === undefined ? say('all') : chosenShare(minority);
}
