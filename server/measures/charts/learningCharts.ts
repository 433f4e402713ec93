/**
 * What each arm keeps of the base against how much it has learned: one entry a figure, from which its chart and its column of
 * the tables are made.
 */
import type { LearningCurve, LearningPoint } from '../../protocol/run/learning.ts';
import { armStyles, styleOf, type ArmStyle } from './armStyle.ts';
import type { LineChart } from './chart.ts';
import { notMeasured } from '../text/format.ts';
import { english, sayText, type Say, type Text } from '../text/say.ts';
import { intervalText, unitForm, type Unit } from '../text/units.ts';

interface KeptFigure {
  readonly key: string;
  readonly title: Text;
  readonly axis: Text;
  /** The heading of its column. */
  readonly heading: string;
  readonly unit: Unit;
  /** Undefined where nothing was measured. */
  readonly read: (point: LearningPoint) => number | undefined;
  /** Its 95 % interval, where it has one: a column of its own. */
  readonly bounds?: (point: LearningPoint) => { readonly low: number; readonly high: number } | undefined;
}

/** In the order of charts and columns. */
export const keptFigures: readonly KeptFigure[] = [
  {
    key: 'toxicity',
    title: 'Toxicity against what was learned',
    axis: 'toxic completions',
    heading: 'toxic',
    unit: 'share',
    read: ({ toxicity }) => toxicity?.rate,
    bounds: ({ toxicity }) => toxicity,
  },
  {
    key: 'kl',
    title: 'Distance against what was learned',
    axis: 'KL from the base, nats',
    heading: 'KL from base, nats',
    unit: 'nats',
    read: ({ kl }) => kl,
  },
  {
    key: 'groupGap',
    title: 'Gap between groups against what was learned',
    axis: 'difference in toxic completions',
    heading: 'group gap',
    unit: 'share',
    read: ({ groupGap }) => groupGap,
  },
  {
    key: 'forgetting',
    title: 'Forgetting against what was learned',
    axis: 'nats per token above the base',
    heading: 'forgetting, nats',
    unit: 'nats',
    read: ({ forgetting }) => forgetting,
  },
];

/** The figures that any point has. */
export function presentFigures(curves: readonly LearningCurve[]): readonly KeptFigure[] {
  return keptFigures.filter(({ read }) =>
    curves.some(({ points }) => points.some((point) => read(point) !== undefined)),
  );
}

/** A chart for each figure that any point has, one curve an arm, in the order of the training: it goes back where the loss rises. */
export function learningCharts(curves: readonly LearningCurve[]): readonly LineChart[] {
  const styles = armStyles(curves.map(({ arm, method }) => ({ id: arm, method })));
  return presentFigures(curves).map((figure) => learningChart(figure, curves, styles));
}

/** One figure against the fall of the held-out loss since the untrained arm, nats. */
export function learningChart(
  figure: KeptFigure,
  curves: readonly LearningCurve[],
  styles: ReadonlyMap<string, ArmStyle>,
  say: Say = english,
): LineChart {
  const series = curves.flatMap(({ arm, points }) => {
    const measured = points.flatMap((point) => {
      const y = figure.read(point);
      return y === undefined ? [] : [{ x: (points[0]?.loss ?? 0) - point.loss, y }];
    });
    if (measured.length === 0) return [];
    return [{ label: arm, style: styleOf(styles, arm), x: measured.map(({ x }) => x), y: measured.map(({ y }) => y) }];
  });
  return {
    kind: 'lines',
    title: sayText(figure.title, say),
    xTitle: say('fall of the held-out loss, nats'),
    yTitle: sayText(figure.axis, say),
    series,
    place: (fallen) => say('{0} nats lower', fallen.toFixed(2)),
    fromZero: true,
    format: unitForm(figure.unit).write,
  };
}

/** The headings of the columns of these figures. */
export function keptHeadings(figures: readonly KeptFigure[]): readonly string[] {
  return figures.flatMap(({ heading, bounds }) => (bounds ? [heading, '95 % interval'] : [heading]));
}

/** The cells of one point under them. */
export function keptCells(figures: readonly KeptFigure[], point: LearningPoint): readonly string[] {
  return figures.flatMap(({ read, bounds, unit }) => {
    const value = read(point);
    const text = value === undefined ? notMeasured : unitForm(unit).write(value);
    if (!bounds) return [text];
    const around = bounds(point);
    const known = value !== undefined && around !== undefined;
    return [text, known ? intervalText({ value, low: around.low, high: around.high }, unit, english) : notMeasured];
  });
}
