import type { ArmStyle } from '../../measures/charts/armStyle.ts';
import type { LineChart, LineSeries } from '../../measures/charts/chart.ts';
import { evenly } from '../../measures/charts/evenly.ts';
import { axis, n, plot, svg, valueScale, type Scale } from './chartParts.ts';
import { html, type Html } from '../tables/htmlText.ts';

/** Points that are drawn of a curve. More than the plot has room for would show nothing new. */
const drawnPoints = 400;

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A curve as it is drawn. On a logarithmic axis, y is the power of ten. */
interface DrawnCurve {
  readonly label: string;
  readonly style: ArmStyle;
  readonly points: readonly Point[];
}

/** Draws curves over one pair of axes with their legend; undefined where no curve has a point. */
export function drawLines(chart: LineChart): Html | undefined {
  const { title, yTitle, format, place = String, fromZero = false, logarithmicY = false } = chart;
  const curves = chart.series.map((series) => drawnCurve(series, logarithmicY));
  const points = curves.flatMap((curve) => curve.points);
  if (points.length === 0) return undefined;
  const [left, right] = extent(points.map(({ x }) => x));
  const [least, most] = extent(points.map(({ y }) => y));
  const scale = logarithmicY ? decades(least, most) : valueScale(fromZero ? Math.min(0, least) : least, most);
  const width = plot.right - plot.left;
  const x = (value: number) => plot.left + ((value - left) / (right > left ? right - left : 1)) * width;
  const lines = curves.map((curve) => drawCurve(curve, x, scale.y));
  const start = html`<text class="label start" x="${plot.left}" y="${plot.bottom + 20}">${place(left)}</text>`;
  const end = html`<text class="label end" x="${plot.right}" y="${plot.bottom + 20}">${place(right)}</text>`;
  const written = (value: number) => format(logarithmicY ? 10 ** value : value);
  const name = [title, yTitle, ...(logarithmicY ? ['logarithmic'] : [])].filter((part) => part !== '').join(', ');
  return html`${svg(name, [...axis(scale, written), ...lines, start, end])}${legend(curves)}`;
}

/** The curve with its measured points alone. */
function drawnCurve({ label, style, x, y }: LineSeries, logarithmic: boolean): DrawnCurve {
  const points = Array.from(x, (at, i): Point => ({ x: at, y: y[i] ?? NaN })).filter(
    (point) => !Number.isNaN(point.y) && (!logarithmic || point.y > 0),
  );
  return { label, style, points: logarithmic ? points.map((point) => ({ ...point, y: Math.log10(point.y) })) : points };
}

/** An axis of at most six whole powers of ten. */
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

function drawCurve({ label, style, points }: DrawnCurve, x: (v: number) => number, y: (v: number) => number): Html {
  const path = evenly(points, drawnPoints).map((point) => `${n(x(point.x))},${n(y(point.y))}`);
  const last = path.length === 1 ? [...path, ...path] : path;
  return html`<polyline class="${curveClass(style)}" stroke-dasharray="${dashes(style)}" points="${last.join(' ')}"
    ><title>${label}</title></polyline
  >`;
}

function legend(curves: readonly DrawnCurve[]): Html {
  const entries = curves.map(
    ({ label, style }) =>
      html`<li>
        <svg viewBox="0 0 24 8" width="24" height="8" aria-hidden="true">
          <path class="${curveClass(style)}" stroke-dasharray="${dashes(style)}" d="M0 4h24" /></svg
        >${label}
      </li>`,
  );
  return html`<ul class="legend">
    ${entries}
  </ul>`;
}

/** The style sheet has a colour for each of these classes. */
function curveClass({ colour }: ArmStyle): string {
  return `curve ${colour < 0 ? 'cbase' : `c${colour}`}`;
}

/** Dashes tell curves apart besides their colour. */
function dashes({ dash }: ArmStyle): string {
  return dash.length === 0 ? 'none' : dash.join(' ');
}
