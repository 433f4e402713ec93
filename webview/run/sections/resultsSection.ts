/** The result of a run: charts, the table of arms with their differences, and actions on the result. */
import type { ArmMeasure } from '../../../server/measures/catalogue/armMeasures.ts';
import { drawnMeasures } from '../../../server/measures/charts/measureCharts.ts';
import { sayText } from '../../../server/measures/text/say.ts';
import { measuredOf } from '../../../server/protocol/run/estimate.ts';
import type { ArmMetrics } from '../../../server/protocol/run/run.ts';
import type { RunView } from '../../../server/protocol/messages/runsContract.ts';
import { styleOf, type ArmStyle } from '../../chart/armStyle.ts';
import { chartFigure, type ChartFigure } from '../../parts/chartFigure.ts';
import { runCommand } from '../../page/commands.ts';
import { copyTableBar } from '../../parts/copyTableBar.ts';
import { element, show, whenChanged } from '../../page/dom.ts';
import { printable } from '../../text/printable.ts';
import type { Panel } from '../../page/startPanel.ts';
import { t } from '../../text/strings.ts';
import { swatch } from '../../parts/swatch.ts';
import { table } from '../../parts/table.ts';
import { button } from '../../page/toolkit.ts';
import { comparedDifferences, metricsTable, storedDifferences, uncompared, type Differences } from './metricsTable.ts';
import { barsOf, densityChart, type Densities, type Drawn } from '../model/runCharts.ts';
import { measuredArms } from '../model/runModel.ts';

export interface ResultsSection {
  readonly element: HTMLElement;
  readonly update: (view: RunView, drawn: Drawn, baseline: string) => void;
}

/** `pin` is called with the arm that becomes the baseline. */
export function resultsSection(panel: Panel, run: string, pin: (arm: string) => void): ResultsSection {
  const bars = new Map<string, ChartFigure>();
  const charts = element('div', { class: 'charts' });
  const density = chartFigure(panel, t('KL densities'));
  const metrics = element('div');
  const exports = element('div');
  const differences = pairedDifferences(panel, run);
  const densities = finishedDensities(panel, run);
  const section = element(
    'section',
    { 'aria-labelledby': 'results-title' },
    element('h2', { id: 'results-title' }, t('Results')),
    charts,
    metrics,
    exports,
  );
  section.hidden = true;
  charts.append(density.element);
  const barsFor = ({ key, title }: ArmMeasure): ChartFigure => {
    const figure = bars.get(key) ?? chartFigure(panel, sayText(title, t));
    if (!bars.has(key)) density.element.before(figure.element);
    bars.set(key, figure);
    return figure;
  };
  const update: ResultsSection['update'] = (view, drawn, baseline) => {
    const arms = measuredArms(view);
    show(section, arms.length > 0);
    if (arms.length === 0) return;
    const again = () => update(view, drawn, baseline);
    for (const measure of drawnMeasures(arms)) barsFor(measure).show(() => barsOf(measure, arms, drawn));
    const found = densities(view, again);
    if (found) density.show(() => densityChart(found, drawn));
    const compared = differences(view, baseline, again);
    whenChanged(metrics, [arms, baseline, [...compared]], () => [
      metricsOf(panel, arms, baseline, compared, pin, drawn.styles),
    ]);
    whenChanged(exports, view.state === 'finished', () => [exportButtons(panel, run, view.state === 'finished')]);
  };
  return { element: section, update };
}

function metricsOf(
  panel: Panel,
  arms: readonly ArmMetrics[],
  baseline: string,
  differences: Differences,
  pin: (arm: string) => void,
  styles: ReadonlyMap<string, ArmStyle>,
): HTMLElement {
  const signOf = (row: number) => swatch(styleOf(styles, arms[row]?.id ?? ''));
  const content = metricsTable(arms, baseline, differences);
  const pinButton = (row: number) => {
    const arm = arms[row];
    if (!arm) return undefined;
    const isPinned = arm.id === baseline;
    return button(isPinned ? t('Pinned') : t('Pin'), () => pin(arm.id), {
      label: t('Compare with {0}', printable(arm.id)),
      pressed: isPinned,
    });
  };
  const label = t('Metrics of the arms');
  // Differences are of toxicity rates. Without rates there is no baseline to pin.
  const isJudged = arms.some(({ toxicity }) => measuredOf(toxicity));
  return element(
    'div',
    {},
    table(content, { label, sign: signOf, ...(isJudged && { actions: { title: t('baseline'), of: pinButton } }) }),
    copyTableBar(panel, content),
  );
}

function exportButtons(panel: Panel, run: string, isFinished: boolean): HTMLElement {
  const kinds = [
    ['report-html', t('Report (HTML)')],
    ['report-markdown', t('Report (Markdown)')],
    ['metrics-csv', t('Metrics (CSV)')],
    ['metrics-json', t('Metrics (JSON)')],
    ['adapter', t('Adapter (PEFT)')],
    ['merged', t('Merged weights')],
  ] as const;
  const buttons = kinds.map(([kind, text]) =>
    button(text, () => runCommand(panel, 'rankscope.exportRun', { run, kind }), { label: t('Export: {0}', text) }),
  );
  const others = [
    button(t('Compare ranks'), () => runCommand(panel, 'rankscope.compareRanks', {})),
    button(t('Try prompt'), () => runCommand(panel, 'rankscope.tryPrompt', { run })),
    button(t('Review flagged completions'), () => runCommand(panel, 'rankscope.reviewRun', { run })),
  ];
  return element(
    'div',
    {},
    element('h3', {}, t('Export and look closer')),
    element('div', { class: 'toolbar' }, ...(isFinished ? buttons : buttons.slice(0, 2)), ...others),
  );
}

/** Differences from the pinned baseline: from the metrics, or else from a comparison. */
function pairedDifferences(panel: Panel, run: string) {
  const asked = new Map<string, Differences>();
  return (view: RunView, baseline: string, again: () => void): Differences => {
    const arms = measuredArms(view);
    const stored = storedDifferences(arms, baseline);
    const missing = uncompared(arms, baseline, stored);
    if (!view.metrics || missing.length === 0) return stored;
    const known = asked.get(baseline);
    if (known) return new Map([...stored, ...known]);
    asked.set(baseline, new Map());
    const of = (arm: string) => ({ run, arm });
    panel.client
      .request('compare', { arms: [of(baseline), ...missing.map(of)], baseline: of(baseline) })
      .then((comparison) => {
        asked.set(baseline, comparedDifferences(comparison));
        again();
      })
      .catch(panel.notices.error);
    return stored;
  };
}

/** Requests the densities once, when the run has finished. */
function finishedDensities(panel: Panel, run: string) {
  let asked: Promise<void> | undefined;
  let found: Densities | undefined;
  return (view: RunView, again: () => void): Densities | undefined => {
    if (view.state !== 'finished' || !measuredArms(view).some(({ kl }) => kl)) return undefined;
    asked ??= panel.client
      .request('run.densities', { run })
      .then((densities) => {
        found = densities;
        again();
      })
      .catch(panel.notices.error);
    return found;
  };
}
