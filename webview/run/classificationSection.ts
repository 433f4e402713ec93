/** The result of a classification run: per rule of decision its figures and its table, then calibration. */
import type { ClassificationSummary } from '../../server/protocol/classificationRun.ts';
import type { ArmStyle } from '../chart/armStyle.ts';
import { chartFigure } from '../parts/chartFigure.ts';
import type { ChartSpec } from '../chart/chartSpec.ts';
import { copyTableBar } from '../parts/copyTableBar.ts';
import { element, show, whenChanged, type Child } from '../page/dom.ts';
import type { Panel } from '../page/startPanel.ts';
import { t } from '../text/strings.ts';
import { table } from '../parts/table.ts';
import type { TextTable } from '../text/textTable.ts';
import { calibrationChart, marginChart, marginTable } from './classificationCharts.ts';
import {
  calibrationTable,
  classificationBars,
  classificationTable,
  rulesOf,
  ruleText,
  type ClassificationMeasure,
} from './classificationTables.ts';

export interface ClassificationSection {
  readonly element: HTMLElement;
  readonly update: (summary: ClassificationSummary | undefined, styles: ReadonlyMap<string, ArmStyle>) => void;
}

const measures: readonly ClassificationMeasure[] = ['accuracy', 'accuracyParity', 'worstGroupError'];

export function classificationSection(panel: Panel): ClassificationSection {
  const section = element('section', { 'aria-label': t('Classification') });
  section.hidden = true;
  return {
    element: section,
    update(summary, styles) {
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
    return [
      element('h2', {}, ruleText(rule)),
      charts(panel, measures, rule, (measure) => classificationBars(summary, rule, measure, styles)),
      copiedTable(panel, classificationTable(summary, rule), ruleText(rule)),
    ];
  });
  const { labels, groups } = summary;
  return [
    ...rules,
    element('h2', {}, t('Margins')),
    charts(panel, labels, 'margins', (label) => marginChart(summary, label, styles)),
    copiedTable(panel, marginTable(summary), t('Margins')),
    element('h2', {}, t('Calibration')),
    charts(panel, groups, 'calibration', (group) => calibrationChart(summary, group, styles)),
    copiedTable(panel, calibrationTable(summary), t('Calibration')),
  ];
}

/** A chart for each measure, label or group; one without numbers is not shown. */
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
