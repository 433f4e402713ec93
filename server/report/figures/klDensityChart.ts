/**
 * Figure of the HTML report: the distribution of the prompts' KL, with a ridge for each arm on a shared logarithmic
 * axis.
 */
import { quantile } from '../../metrics/estimates/bootstrap.ts';
import type { ArmMethod } from '../../protocol/run/run.ts';
import { decimal } from '../../measures/text/format.ts';
import { html, type Html } from '../tables/htmlText.ts';
import { logDensity, type ArmDivergences, type Density } from '../data/klDensity.ts';

const width = 760;
const plot = { left: 64, right: 748, top: 44 };
/**
 * Distance from one arm's base line to the next, pixels. A ridge may rise above the line of the arm before it by
 * `rise - step`.
 */
const step = 38;
const rise = 52;

interface Ridge {
  readonly arm: string;
  readonly method: ArmMethod;
  readonly count: number;
  readonly median: number;
  readonly density: Density | undefined;
}

interface Axis {
  /** Bounds of the axis in whole decades, log10 of nats. */
  readonly low: number;
  readonly high: number;
  readonly x: (log: number) => number;
}

/** Undefined where no arm has a KL above zero. `over` names what the values belong to. */
export function klDensityChart(arms: readonly ArmDivergences[], over = 'held-out prompts'): Html | undefined {
  const logs = arms.flatMap(({ values }) => values.filter((value) => value > 0).map(Math.log10));
  if (logs.length === 0) return undefined;
  const axis = decades(logs);
  const ridges = arms.flatMap((arm) => ridgeOf(arm, axis));
  const peak = Math.max(...ridges.map(({ density }) => Math.max(0, ...(density?.values ?? []))), 1e-9);
  const bottom = plot.top + ridges.length * step;
  const title = `Distribution over the ${over} of the KL divergence from the base model, nats, logarithmic`;
  const drawn = ridges.map((ridge, i) => drawRidge(ridge, plot.top + (i + 1) * step, peak, axis, over));
  return html`<svg viewBox="0 0 ${width} ${bottom + 40}" role="img" aria-label="${title}">
    <title>${title}</title>
    ${grid(axis, bottom)}${drawn}
  </svg>`;
}

function decades(logs: readonly number[]): Axis {
  const least = logs.reduce((min, log) => Math.min(min, log), Infinity);
  const most = logs.reduce((max, log) => Math.max(max, log), -Infinity);
  const low = Math.floor(least);
  const high = Math.max(low + 1, Math.ceil(most));
  return { low, high, x: (log) => plot.left + ((log - low) / (high - low)) * (plot.right - plot.left) };
}

function ridgeOf({ arm, method, values }: ArmDivergences, { low, high }: Axis): readonly Ridge[] {
  const sorted = Float64Array.from(values.filter((value) => value > 0)).sort();
  if (sorted.length === 0) return [];
  return [{ arm, method, count: sorted.length, median: quantile(sorted, 0.5), density: logDensity(values, low, high) }];
}

function drawRidge(
  { arm, method, count, median, density }: Ridge,
  base: number,
  peak: number,
  axis: Axis,
  over: string,
): Html {
  const kind = method === 'full' ? 'bar-full' : 'bar-lora';
  const points = density?.at.map((log, i) => `${n(axis.x(log))},${n(base - ((density.values[i] ?? 0) / peak) * rise)}`);
  const shape = points
    ? html`<polygon
        class="ridge ${kind}"
        points="${n(axis.x(axis.low))},${n(base)} ${points.join(' ')} ${n(axis.x(axis.high))},${n(base)}"
      />`
    : html``;
  const mark = n(axis.x(Math.log10(median)));
  return html`<g
    ><title>${arm}: median ${decimal(median)} nats over ${count} ${over}</title>${shape}
    <path class="grid" d="M${plot.left} ${base}H${plot.right}" />
    <path class="whisker" d="M${mark} ${base - 9}V${base}" />
    <text class="tick" x="${plot.left - 8}" y="${base}">${shortened(arm)}</text></g
  >`;
}

function grid({ low, high, x }: Axis, bottom: number): readonly Html[] {
  return Array.from({ length: high - low + 1 }, (_, i) => low + i).map(
    (log) =>
      html`<path class="grid" d="M${n(x(log))} ${plot.top - 20}V${bottom}" />
        <text class="label" x="${n(Math.min(x(log), plot.right - 8))}" y="${bottom + 20}">${decade(log)}</text>`,
  );
}

/** A power of ten as text: `0.01`, `1`, or `1e-6` where a reader would have to count zeros. */
function decade(log: number): string {
  return log < -4 || log > 4 ? `1e${log}` : String(Number((10 ** log).toPrecision(3)));
}

function n(value: number): string {
  return String(Number(value.toFixed(2)));
}

function shortened(label: string): string {
  return label.length > 9 ? `${label.slice(0, 8)}…` : label;
}
