/** Charts over steps and rounds, as data: every curve of the catalogue for which a run has points. */
import { presentMeasures, type ArmMeasure } from '../../measures/catalogue/armMeasures.ts';
import { armStyles, styleOf } from '../../measures/charts/armStyle.ts';
import { chartTable, type LineChart } from '../../measures/charts/chart.ts';
import { probeCurves, stepCurves, type Curve } from '../../measures/catalogue/curves.ts';
import { curveChart } from '../../measures/charts/measureCharts.ts';
import { measureColumns, tableOf } from '../../measures/catalogue/measureTable.ts';
import { english, sayText } from '../../measures/text/say.ts';
import type { TextTable } from '../../measures/text/textTable.ts';
import { unitForm } from '../../measures/text/units.ts';
import { measuredOf } from '../../protocol/run/estimate.ts';
import type { ProbeEvent, RoundResult, StepEvent } from '../../protocol/run/run.ts';
import type { StoredRun } from '../../runs/readRun.ts';

/** Number of rows in a report's table over steps. */
const shownSteps = 10;

/** Every curve of training and of its probes, with the arms that have points of it. A curve without points is left out. */
export function trainingCharts({ events, record }: Pick<StoredRun, 'events' | 'record'>): readonly LineChart[] {
  const steps = events.filter((event) => event.type === 'step');
  const probes = events.filter((event) => event.type === 'probe');
  return [
    ...stepCurves.map((curve) => chartOf(curve, steps, record)),
    ...probeCurves.map((curve) => chartOf(curve, probes, record)),
  ].filter(({ series }) => series.length > 0);
}

/** Where a step was trained again after a resume, the later value counts. */
function chartOf<Event extends StepEvent | ProbeEvent>(
  curve: Curve<Event>,
  events: readonly Event[],
  { arms }: StoredRun['record'],
): LineChart {
  const styles = armStyles(arms);
  const series = arms.flatMap(({ id }) => {
    const found = new Map(
      events.flatMap((event) => {
        const value = event.arm === id ? curve.read(event) : undefined;
        return value === undefined ? [] : [[event.step, value] as const];
      }),
    );
    const points = [...found].sort(([a], [b]) => a - b);
    if (points.length === 0) return [];
    return [{ label: id, style: styleOf(styles, id), x: points.map(([step]) => step), y: points.map(([, y]) => y) }];
  });
  return curveChart(curve, series);
}

/** The numbers of a chart over steps, thinned so that they fit a page. */
export function stepTable(chart: LineChart): TextTable {
  return chartTable(chart, english, shownSteps);
}

/** A chart for each drawn measure of the rounds of mitigation, with one curve an arm. */
export function roundCharts(rounds: readonly RoundResult[]): readonly LineChart[] {
  const names = [...new Set(rounds.map(({ arm }) => arm))];
  const styles = armStyles(names.map((id) => ({ id, method: '' })));
  const drawn = presentMeasures(rounds).filter(({ barTitle }) => barTitle !== undefined);
  return drawn.map((measure): LineChart => {
    const { title, barTitle = title, unit } = measure;
    return {
      kind: 'lines',
      title: `${sayText(barTitle, english)} after each round of mitigation`,
      xTitle: 'round',
      yTitle: sayText(unitForm(unit).axis, english),
      series: names.map((label) => ({ label, style: styleOf(styles, label), ...roundPoints(rounds, label, measure) })),
      place: (round) => `round ${round}`,
      fromZero: true,
      format: unitForm(unit).write,
    };
  });
}

function roundPoints(
  rounds: readonly RoundResult[],
  name: string,
  { read }: ArmMeasure,
): { readonly x: readonly number[]; readonly y: readonly number[] } {
  const points = rounds.flatMap((line) => {
    const value = line.arm === name ? measuredOf(read(line))?.value : undefined;
    return value === undefined ? [] : [{ x: line.round, y: value }];
  });
  return { x: points.map(({ x }) => x), y: points.map(({ y }) => y) };
}

/** The measures of each arm after each round of mitigation. */
export function roundTable(rounds: readonly RoundResult[]): TextTable {
  return tableOf(rounds, [
    { heading: 'round', cell: ({ round }) => String(round) },
    { heading: 'arm', cell: ({ arm }) => arm },
    { heading: 'pairs', cell: ({ pairs }) => String(pairs) },
    { heading: 'steps', cell: ({ steps }) => String(steps) },
    ...presentMeasures(rounds).flatMap((measure) => measureColumns<RoundResult>(measure, english)),
    ...(rounds.some(({ failure }) => failure !== undefined)
      ? [{ heading: 'no result because', cell: ({ failure = '' }: RoundResult) => failure }]
      : []),
  ]);
}
