import { axis, n, plot, svg, valueScale, type Scale } from './chartParts.ts';
import { evenly } from '../data/evenly.ts';
import { html, type Html } from '../tables/htmlText.ts';

/** Points drawn of a curve: more than the plot has room for shows nothing new. */
const drawnPoints = 400;

export interface Curve {
  readonly name: string;
  /** Ascending in x. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface LineChartOptions {
  readonly title: string;
  /** How a value of the vertical axis is written. */
  readonly tick: (value: number) => string;
  /** What stands below the horizontal axis at a value of it. */
  readonly place: (x: number) => string;
  /** Whether the vertical axis begins at zero rather than near the least value. */
  readonly fromZero?: boolean;
  /** Whether the vertical axis is of powers of ten; points at or below zero are left out. */
  readonly isLogarithmic?: boolean;
}

/** Curves over one pair of axes, with their legend; undefined when none has a point. */
export function lineChart(given: readonly Curve[], options: LineChartOptions): Html | undefined {
  const { title, tick, place, fromZero = false, isLogarithmic = false } = options;
  const curves = isLogarithmic ? given.map(logarithms) : given;
  const points = curves.flatMap((curve) => curve.points);
  if (points.length === 0) return undefined;
  const [left, right] = extent(points.map(({ x }) => x));
  const [least, most] = extent(points.map(({ y }) => y));
  const scale = isLogarithmic ? decades(least, most) : valueScale(fromZero ? Math.min(0, least) : least, most);
  const width = plot.right - plot.left;
  const x = (value: number) => plot.left + ((value - left) / (right > left ? right - left : 1)) * width;
  const lines = curves.map((curve, i) => drawCurve(curve, i, x, scale.y));
  const start = html`<text class="label" x="${plot.left + 16}" y="${plot.bottom + 20}">${place(left)}</text>`;
  const end = html`<text class="label" x="${plot.right - 20}" y="${plot.bottom + 20}">${place(right)}</text>`;
  const written = (value: number) => tick(isLogarithmic ? 10 ** value : value);
  return html`${svg(title, [...axis(scale, written), ...lines, start, end])}${legend(curves)}`;
}

function logarithms({ name, points }: Curve): Curve {
  return { name, points: points.filter(({ y }) => y > 0).map(({ x, y }) => ({ x, y: Math.log10(y) })) };
}

/** Whole powers of ten, six at most. */
function decades(least: number, most: number): Scale {
  const low = Math.floor(least);
  const high = Math.max(low + 1, Math.ceil(most));
  const step = Math.ceil((high - low) / 6);
  const ticks = Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, i) => low + i * step);
  return { ticks, y: (value) => plot.bottom - ((value - low) / (high - low)) * (plot.bottom - plot.top) };
}

function extent(values: readonly number[]): readonly [least: number, most: number] {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  return [least, most];
}

function drawCurve({ name, points }: Curve, index: number, x: (v: number) => number, y: (v: number) => number): Html {
  const path = evenly(points, drawnPoints).map((point) => `${n(x(point.x))},${n(y(point.y))}`);
  const last = path.length === 1 ? [...path, ...path] : path;
  return html`<polyline class="${curveClass(index)}" points="${last.join(' ')}"><title>${name}</title></polyline>`;
}

function legend(curves: readonly Curve[]): Html {
  const entries = curves.map(
    ({ name }, i) =>
      html`<li>
        <svg viewBox="0 0 24 8" width="24" height="8" aria-hidden="true">
          <path class="${curveClass(i)}" d="M0 4h24" /></svg
        >${name}
      </li>`,
  );
  return html`<ul class="legend">
    ${entries}
  </ul>`;
}

/** Eight colours; from the ninth curve on they are dashed, so that colour alone never has to tell two apart. */
function curveClass(index: number): string {
  return `curve c${index % 8}${index >= 8 ? ' dashed' : ''}`;
}
