/**
 * A chart as data. A panel's canvas, an SVG file, a report's figure, the table behind it and the sentence that a screen
 * reader says are all made from it, so that they cannot tell different stories.
 */
import type { ArmMethod } from '../../protocol/run/armMethod.ts';
import type { ArmStyle } from './armStyle.ts';
import { evenly } from './evenly.ts';
import { notMeasured } from '../text/format.ts';
import { english, type Say } from '../text/say.ts';
import type { TextTable } from '../text/textTable.ts';

export interface LineSeries {
  readonly label: string;
  readonly style: ArmStyle;
  /** Ascending; of the same length as `y`. NaN in `y` where nothing was measured. */
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
}

export interface LineChart {
  readonly kind: 'lines';
  readonly title: string;
  readonly xTitle: string;
  readonly yTitle: string;
  readonly series: readonly LineSeries[];
  readonly logarithmicX?: boolean;
  /** The vertical axis is one of powers of ten; points at or below zero are left out. */
  readonly logarithmicY?: boolean;
  /** The vertical axis begins at zero rather than near the least value. */
  readonly fromZero?: boolean;
  /** How a value of x is written where it stands alone: `step 5`. */
  readonly place?: (x: number) => string;
  /** How a value of y is written on the axis and in the table. */
  readonly format: (y: number) => string;
}

export interface Bar {
  readonly label: string;
  readonly style: ArmStyle;
  readonly method?: ArmMethod;
  readonly value: number;
  /** 95 % interval. */
  readonly low?: number;
  readonly high?: number;
  /** Number of observations behind it. */
  readonly n?: number;
}

export interface BarChart {
  readonly kind: 'bars';
  readonly title: string;
  readonly yTitle: string;
  readonly bars: readonly Bar[];
  /** The greatest value there can be. */
  readonly most?: number;
  readonly format: (value: number) => string;
}

export type ChartSpec = LineChart | BarChart;

/** Rows of the table behind a line chart: more than a person reads, fewer than slow a page down. */
const tableRows = 60;

export function isEmpty(chart: ChartSpec): boolean {
  return chart.kind === 'bars' ? chart.bars.length === 0 : chart.series.every(({ x }) => x.length === 0);
}

/** The numbers of a chart. Of long curves evenly spaced steps, the last among them. */
export function chartTable(chart: ChartSpec, say: Say = english, most = tableRows): TextTable {
  return chart.kind === 'bars' ? barTable(chart, say) : lineTable(chart, most);
}

function barTable({ bars, format, yTitle }: BarChart, say: Say): TextTable {
  const bound = (value: number | undefined) => (value === undefined ? say(notMeasured) : format(value));
  return {
    header: [say('arm'), yTitle, say('95 % from'), say('to'), 'n'],
    rows: bars.map(({ label, value, low, high, n }) => [
      label,
      format(value),
      bound(low),
      bound(high),
      n === undefined ? say(notMeasured) : String(n),
    ]),
  };
}

function lineTable({ series, xTitle, format }: LineChart, most: number): TextTable {
  const places = evenly(
    [...new Set(series.flatMap(({ x }) => Array.from(x)))].sort((a, b) => a - b),
    most,
  );
  const columns = series.map((one) => new Map(Array.from(one.x, (x, i) => [x, one.y[i] ?? Number.NaN])));
  return {
    header: [xTitle, ...series.map(({ label }) => label)],
    rows: places.map((place) => [short(place), ...columns.map((column) => cell(column.get(place), format))]),
  };
}

function cell(value: number | undefined, format: (value: number) => string): string {
  return value === undefined || Number.isNaN(value) ? '' : format(value);
}

function short(value: number): string {
  return Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(3)));
}

/** What the chart shows, in one sentence: its title and the latest value (or the value) of each arm. */
export function chartLabel(chart: ChartSpec, say: Say = english): string {
  const values =
    chart.kind === 'bars'
      ? chart.bars.map(({ label, value }) => `${label} ${chart.format(value)}`)
      : chart.series.flatMap((series) => latest(series, chart.format));
  const said = values.length === 0 ? say('nothing measured yet') : values.join(', ');
  return `${chart.title}: ${said}. ${say('The numbers are in the table below.')}`;
}

function latest({ label, y }: LineSeries, format: (value: number) => string): readonly string[] {
  for (let i = y.length - 1; i >= 0; i--) {
    const value = y[i] ?? Number.NaN;
    if (!Number.isNaN(value)) return [`${label} ${format(value)}`];
  }
  return [];
}
