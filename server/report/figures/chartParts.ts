/** Parts of the HTML report's figures: inline SVG whose colours come from the page's style sheet. */
import { html, type Html } from '../tables/htmlText.ts';

export const chartWidth = 760;
/** The area in which values are drawn. */
export const plot = { left: 64, right: 748, top: 16, bottom: 250 };
const height = 290;

export interface Scale {
  readonly ticks: readonly number[];
  readonly y: (value: number) => number;
}

/** A linear scale with round numbers that covers `low` to `high` but does not exceed `limit`. */
export function valueScale(low: number, high: number, limit = Infinity): Scale {
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

/** A grid line and a number for each tick. */
export function axis({ ticks, y }: Scale, text: (value: number) => string): readonly Html[] {
  return ticks.map(
    (tick) =>
      html`<path class="grid" d="M${plot.left} ${n(y(tick))}H${plot.right}" />
        <text class="tick" x="${plot.left - 8}" y="${n(y(tick) + 4)}">${text(tick)}</text>`,
  );
}

export function svg(title: string, parts: readonly Html[]): Html {
  return html`<svg viewBox="0 0 ${chartWidth} ${height}" role="img" aria-label="${title}">
    <title>${title}</title>
    ${parts}
  </svg>`;
}

/** A coordinate with two decimals at most. */
export function n(value: number): string {
  return String(Number(value.toFixed(2)));
}

export function shortened(label: string): string {
  return label.length > 14 ? `${label.slice(0, 13)}…` : label;
}
