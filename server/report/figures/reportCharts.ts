/** The bar charts of the HTML report. */
import type { ArmMetrics } from '../../protocol/run.ts';
import { decimal, percent } from '../tables/armTable.ts';
import { axis, n, plot, shortened, svg, valueScale } from './chartParts.ts';
import { html, type Html } from '../tables/htmlText.ts';

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

/** Completions of each arm that are toxic and that are not, stacked (paper figure 2); undefined when none was judged. */
export function countChart(arms: readonly ArmMetrics[]): Html | undefined {
  const judged = arms.flatMap(({ id, toxicity: { rate, n: total } }) =>
    rate === undefined ? [] : [{ id, total, toxic: Math.round(rate * total) }],
  );
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
