/** The bar charts of the HTML report. */
import type { ArmMetrics } from '../../protocol/run/run.ts';
import type { Bar, BarChart } from '../../measures/charts/chart.ts';
import type { TextTable } from '../../measures/text/textTable.ts';
import { measuredOf } from '../../protocol/run/estimate.ts';
import { axis, n, plot, shortened, svg, valueScale } from './chartParts.ts';
import { html, type Html } from '../tables/htmlText.ts';

/** Bars with their 95 % intervals; undefined when nothing was measured. */
export function drawBars({ title, yTitle, bars, most = Infinity, format }: BarChart): Html | undefined {
  if (bars.length === 0) return undefined;
  const ends = bars.flatMap(({ value, low = value, high = value }) => [value, low, high]);
  const scale = valueScale(Math.min(0, ...ends), Math.max(...ends), most);
  const slot = (plot.right - plot.left) / bars.length;
  const place = (i: number) => ({ x: plot.left + (i + 0.5) * slot, size: Math.min(56, slot * 0.6), y: scale.y });
  const drawn = bars.map((bar, i) => drawBar(bar, format(bar.value), place(i)));
  const name = [title, yTitle, 'with 95 % intervals'].filter((part) => part !== '').join(', ');
  return svg(name, [...axis(scale, format), ...drawn]);
}

interface BarPlace {
  readonly x: number;
  readonly size: number;
  readonly y: (value: number) => number;
}

function drawBar({ label, value, low, high, method = 'lora' }: Bar, text: string, { x, size, y }: BarPlace): Html {
  const top = Math.min(y(value), y(0));
  const tall = Math.abs(y(value) - y(0));
  const whisker = low === undefined || high === undefined ? html`` : drawInterval(x, y(low), y(high));
  return html`<g>
    <title>${label}: ${text}</title>
    <rect class="bar-${method}" x="${n(x - size / 2)}" y="${n(top)}" width="${n(size)}" height="${n(tall)}" />
    ${whisker}
    <text class="value" x="${n(x + 10)}" y="${n(Math.max(plot.top + 4, Math.min(top, plot.bottom - 2) - 5))}"
      >${text}</text
    >
    <text class="label" x="${n(x)}" y="${plot.bottom + 20}">${shortened(label)}</text>
  </g>`;
}

/** The interval is drawn twice, so that it stands out from both the bar and the page. */
function drawInterval(x: number, low: number, high: number): Html {
  const path = `M${n(x)} ${n(low)}V${n(high)}M${n(x - 5)} ${n(low)}h10M${n(x - 5)} ${n(high)}h10`;
  return html`<path class="halo" d="${path}" /><path class="whisker" d="${path}" />`;
}

interface Counts {
  readonly id: string;
  readonly total: number;
  readonly toxic: number;
  readonly unjudged: number;
}

function countsOf(arms: readonly ArmMetrics[]): readonly Counts[] {
  return arms.flatMap(({ id, toxicity, unjudged = 0 }) => {
    const { value, n: total } = measuredOf(toxicity) ?? {};
    return value === undefined || total === undefined
      ? []
      : [{ id, total, toxic: Math.round(value * total), unjudged }];
  });
}

/** The numbers behind `countChart`. */
export function countTable(arms: readonly ArmMetrics[]): TextTable {
  return {
    header: ['arm', 'toxic', 'not toxic', 'unjudged'],
    rows: countsOf(arms).map(({ id, total, toxic, unjudged }) => [id, ...[toxic, total - toxic, unjudged].map(String)]),
  };
}

/** Toxic and other completions of each arm, stacked (paper figure 2); undefined where none was judged. */
export function countChart(arms: readonly ArmMetrics[]): Html | undefined {
  const judged = countsOf(arms);
  if (judged.length === 0) return undefined;
  const scale = valueScale(0, Math.max(...judged.map(({ total }) => total)));
  const slot = (plot.right - plot.left) / judged.length;
  const size = Math.min(56, slot * 0.6);
  const drawn = judged.map(({ id, total, toxic }, i) => {
    const x = plot.left + (i + 0.5) * slot;
    const part = (kind: string, from: number, to: number): Html =>
      html`<rect
        class="${kind}"
        x="${n(x - size / 2)}"
        y="${n(scale.y(to))}"
        width="${n(size)}"
        height="${n(scale.y(from) - scale.y(to))}"
      />`;
    return html`<g>
      <title>${id}: ${toxic} toxic, ${total - toxic} not toxic</title>
      ${part('bar-benign', toxic, total)}${part('bar-toxic', 0, toxic)}
      <text class="label" x="${n(x)}" y="${plot.bottom + 20}">${shortened(id)}</text>
    </g>`;
  });
  const title = 'Toxic (below) and not toxic completions of each arm';
  return svg(title, [...axis(scale, String), ...drawn]);
}
