/** The sections of a classification run's report: tables, and the figures that a report may draw above them. */
import type { ClassificationSummary } from '../../protocol/run/classificationRun.ts';
import { ruleTitles } from '../../measures/catalogue/decisionMeasures.ts';
import { calibrationTable, marginTable, rulesOf, ruleTable } from '../../measures/catalogue/kindTable.ts';
import { imbalanceChart, marginChart } from '../figures/classificationCharts.ts';
import { table1 } from '../tables/classificationTables.ts';
import type { Html } from '../tables/htmlText.ts';
import type { CaptionedChart, ReportPart } from './experimentReport.ts';

const none = (): readonly CaptionedChart[] => [];

export function classificationParts(summary: ClassificationSummary): readonly ReportPart[] {
  const { groups, labels } = summary;
  const rules = rulesOf(summary);
  const [first] = rules;
  return [
    ...rules.map((rule) => ({
      title: `Accuracy and gaps: ${ruleTitles[rule]}`,
      table: ruleTable(summary, rule),
      charts: () =>
        groups.flatMap((group) => given(accuracyCaption(summary, group), imbalanceChart(summary, rule, group))),
    })),
    ...(first === undefined ? [] : gapsByRank(summary, first)),
    {
      title: 'Margins between the decisions',
      table: marginTable(summary),
      charts: () =>
        labels.flatMap((label) =>
          given(`Probability of "${label}" where an arm decided for it`, marginChart(summary, label)),
        ),
    },
    { title: 'Calibration by group: expected calibration error', table: calibrationTable(summary), charts: none },
  ];
}

function gapsByRank(summary: ClassificationSummary, rule: Parameters<typeof table1>[1]): readonly ReportPart[] {
  const table = table1(summary, rule);
  const title = `Gaps by rank: harmful bias gap of ${summary.minority ?? ''} and accuracy parity, percentage points`;
  return table ? [{ title, table, charts: none }] : [];
}

function accuracyCaption({ minority }: ClassificationSummary, group: string): string {
  const role = minority === group ? ', the minority' : '';
  return `Accuracy on ${group}${role}, by the share of ${minority ?? 'the minority'} that training kept`;
}

function given(caption: string, chart: Html | undefined): readonly CaptionedChart[] {
  return chart ? [{ caption, chart }] : [];
}
