/** The figures of the HTML report: inline SVG whose colours come from the page's style sheet. */
import type { ArmMetrics } from '../protocol/run.ts';
import { decimal, percent } from './armTable.ts';
import { html, type Html } from './htmlText.ts';
import { evenly, type LossCurve } from './reportData.ts';

const width = 760;
const plot = { left: 64, right: 748, top: 16, bottom: 250 };
const height = 290;
/** Points drawn of a curve: more than the plot has room for shows nothing new. */
const drawnPoints = 400;

interface Bar {
  readonly label: string;
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
  readonly text: string;
  /** `bar-base`, `bar-lora` or `bar-full`. */
  readonly kind: string;
}

/** Share of toxic completions of each arm with its 95 % interval (paper figure 2); undefined when none was judged. */
export function toxicityChart(arms: readonly ArmMetrics[]): Html | undefined {
  const bars = arms.flatMap(({ id, method, toxicity: { rate, low, high } }): Bar[] =>
    rate === undefined
      ? []
      : [{ label: id, value: rate, ...bounds(low, high), text: percent(rate), kind: `bar-${method}` }],
  );
  return barChart('Toxic completions of each arm, percent, with 95 % intervals', bars, percent, 1);
}

/** KL(base || arm) of each arm, nats, with its 95 % interval; undefined when none was measured. */
export function klChart(arms: readonly ArmMetrics[]): Html | undefined {
  const bars = arms.flatMap(({ id, method, kl }): Bar[] =>
    kl
      ? [{ label: id, value: kl.mean, ...bounds(kl.low, kl.high), text: decimal(kl.mean), kind: `bar-${method}` }]
      : [],
  );
  return barChart('KL divergence of each arm from the base model, nats, with 95 % intervals', bars, decimal);
}

function bounds(low: number | undefined, high: number | undefined): { low?: number; high?: number } {
  return low === undefined || high === undefined ? {} : { low, high };
}

function barChart(
  title: string,
  bars: readonly Bar[],
  tick: (value: number) => string,
  limit = Infinity,
): Html | undefined {
  if (bars.length === 0) return undefined;
  const largest = Math.max(...bars.map(({ value, high }) => high ?? value));
  const scale = valueScale(0, largest, limit);
  const slot = (plot.right - plot.left) / bars.length;
  const drawn = bars.map((bar, i) => drawBar(bar, plot.left + (i + 0.5) * slot, Math.min(56, slot * 0.6), scale.y));
  return svg(title, [...axis(scale, tick), ...drawn]);
}

function drawBar(
  { label, value, low, high, text, kind }: Bar,
  x: number,
  size: number,
  y: (v: number) => number,
): Html {
  const top = y(value);
  const whisker = low === undefined || high === undefined ? html`` : drawInterval(x, y(low), y(high));
  return html`<g>
    <title>${label}: ${text}</title>
    <rect class="${kind}" x="${n(x - size / 2)}" y="${n(top)}" width="${n(size)}" height="${n(plot.bottom - top)}" />
    ${whisker}
    <text class="value" x="${n(x + 10)}" y="${n(Math.max(plot.top + 4, Math.min(top, plot.bottom - 2) - 5))}"
      >${text}</text
    >
    <text class="label" x="${n(x)}" y="${plot.bottom + 20}">${shortened(label)}</text>
  </g>`;
}

/** Drawn twice, so that it stands out from the bar as well as from the page. */
function drawInterval(x: number, low: number, high: number): Html {
  const path = `M${n(x)} ${n(low)}V${n(high)}M${n(x - 5)} ${n(low)}h10M${n(x - 5)} ${n(high)}h10`;
  return html`<path class="halo" d="${path}" /><path class="whisker" d="${path}" />`;
}

/** Training loss of each arm over its steps; undefined when nothing was trained. */
export function lossChart(curves: readonly LossCurve[]): Html | undefined {
  const points = curves.flatMap((curve) => curve.points);
  const steps = points.reduce((most, { step }) => Math.max(most, step), 1);
  if (points.length === 0) return undefined;
  const least = points.reduce((min, { loss }) => Math.min(min, loss), Infinity);
  const most = points.reduce((max, { loss }) => Math.max(max, loss), -Infinity);
  const scale = valueScale(least, most);
  const x = (step: number) => plot.left + ((step - 1) / Math.max(1, steps - 1)) * (plot.right - plot.left);
  const lines = curves.map((curve, i) => drawCurve(curve, i, x, scale.y));
  const end = html`<text class="label" x="${plot.right - 20}" y="${plot.bottom + 20}">step ${steps}</text>`;
  const start = html`<text class="label" x="${plot.left + 16}" y="${plot.bottom + 20}">step 1</text>`;
  const drawn = svg('Training loss of each arm, nats per label token', [...axis(scale, decimal), ...lines, start, end]);
  return html`${drawn}${legend(curves)}`;
}

function drawCurve(
  { arm, points }: LossCurve,
  index: number,
  x: (s: number) => number,
  y: (v: number) => number,
): Html {
  const path = evenly(points, drawnPoints).map(({ step, loss }) => `${n(x(step))},${n(y(loss))}`);
  const last = path.length === 1 ? [...path, ...path] : path;
  return html`<polyline class="${curveClass(index)}" points="${last.join(' ')}"><title>${arm}</title></polyline>`;
}

function legend(curves: readonly LossCurve[]): Html {
  const entries = curves.map(
    ({ arm }, i) =>
      html`<li>
        <svg viewBox="0 0 24 8" width="24" height="8" aria-hidden="true">
          <path class="${curveClass(i)}" d="M0 4h24" /></svg
        >${arm}
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

interface Scale {
  readonly ticks: readonly number[];
  readonly y: (value: number) => number;
}

/** A linear scale over round numbers that holds `low`..`high`, not beyond `limit`. */
function valueScale(low: number, high: number, limit = Infinity): Scale {
  const span = high - low > 0 ? high - low : Math.max(Math.abs(high), 1e-6);
  const rough = span / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * (rough / power > 5 ? 10 : rough / power > 2 ? 5 : rough / power > 1 ? 2 : 1);
  const bottom = Math.floor(low / step + 1e-9) * step;
  const top = Math.min(Math.max(limit, high), Math.max(bottom + step, Math.ceil(high / step - 1e-9) * step));
  const count = Math.floor((top - bottom) / step + 1e-9);
  const ticks = Array.from({ length: count + 1 }, (_, i) => Number((bottom + i * step).toPrecision(12)));
  return { ticks, y: (value) => plot.bottom - ((value - bottom) / (top - bottom)) * (plot.bottom - plot.top) };
}

function axis({ ticks, y }: Scale, text: (value: number) => string): readonly Html[] {
  return ticks.map(
    (tick) =>
      html`<path class="grid" d="M${plot.left} ${n(y(tick))}H${plot.right}" />
        <text class="tick" x="${plot.left - 8}" y="${n(y(tick) + 4)}">${text(tick)}</text>`,
  );
}

function svg(title: string, parts: readonly Html[]): Html {
  return html`<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
    <title>${title}</title>
    ${parts}
  </svg>`;
}

function n(value: number): string {
  return String(Number(value.toFixed(2)));
}

function shortened(label: string): string {
  return label.length > 14 ? `${label.slice(0, 13)}…` : label;
}
