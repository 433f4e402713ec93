/** The result of a classification run: charts and a table for each decision rule, and calibration. */
import type { ClassificationSummary } from '../../../server/protocol/run/classificationRun.ts';
import type { ArmStyle } from '../../chart/armStyle.ts';
import { chartFigure } from '../../parts/chartFigure.ts';
import type { ChartSpec } from '../../../server/measures/charts/chart.ts';
import { copyTableBar } from '../../parts/copyTableBar.ts';
import { element, show, whenChanged, type Child } from '../../page/dom.ts';
import type { Panel } from '../../page/startPanel.ts';
import { t } from '../../text/strings.ts';
import { table } from '../../parts/table.ts';
import { ruleTitles } from '../../../server/measures/catalogue/decisionMeasures.ts';
import { calibrationTable, marginTable, rulesOf, ruleTable } from '../../../server/measures/catalogue/kindTable.ts';
import { drawnRuleMeasures, kindBars } from '../../../server/measures/charts/measureCharts.ts';
import type { TextTable } from '../../../server/measures/text/textTable.ts';
import { calibrationChart, marginChart } from './classificationCharts.ts';
import type { ExperimentSection } from './experimentSection.ts';

export function classificationSection(panel: Panel): ExperimentSection<'classification'> {
  const section = element('section', { 'aria-label': t('Classification') });
  section.hidden = true;
  return {
    element: section,
    update(metrics, styles) {
      const summary = metrics?.classification;
      show(section, summary !== undefined);
      if (summary) whenChanged(section, summary, () => content(panel, summary, styles));
    },
  };
}

function content(
  panel: Panel,
  summary: ClassificationSummary,
  styles: ReadonlyMap<string, ArmStyle>,
): readonly Child[] {
  const rules = rulesOf(summary).flatMap((rule) => {
    const title = t(ruleTitles[rule]);
    const bars = drawnRuleMeasures(summary, rule).map((measure) => {
      const figure = chartFigure(panel, measure.key);
      figure.show(() => kindBars(measure, summary, styles, t));
      return figure.element;
    });
    return [
      element('h2', {}, t('Decision: {0}', title)),
      element('div', { class: 'charts' }, ...bars),
      copiedTable(panel, ruleTable(summary, rule, t), title),
    ];
  });
  const { labels, groups } = summary;
  return [
    ...rules,
    element('h2', {}, t('Margins')),
    charts(panel, labels, 'margins', (label) => marginChart(summary, label, styles)),
    copiedTable(panel, marginTable(summary, t), t('Margins')),
    element('h2', {}, t('Calibration')),
    charts(panel, groups, 'calibration', (group) => calibrationChart(summary, group, styles)),
    copiedTable(panel, calibrationTable(summary, t), t('Calibration')),
  ];
}

/** A chart for each measure, label or group. A chart without numbers is hidden. */
function charts<Name extends string>(
  panel: Panel,
  names: readonly Name[],
  kind: string,
  chart: (name: Name) => ChartSpec,
): HTMLElement {
  const figures = names.map((name) => {
    const figure = chartFigure(panel, `${kind} ${name}`);
    figure.show(() => chart(name));
    return figure.element;
  });
  return element('div', { class: 'charts' }, ...figures);
}

function copiedTable(panel: Panel, content: TextTable, label: string): HTMLElement {
  return element('div', {}, table(content, { label }), copyTableBar(panel, content, label));
}
