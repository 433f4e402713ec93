/** A chart as a standalone SVG file, with explicit colours, escaped texts, no script and no external reference. */
import { escapeMarkup } from '../../server/measures/text/escapeMarkup.ts';
import type { ArmStyle } from './armStyle.ts';
import type { Bar, BarChart, ChartSpec, LineChart, LineSeries } from '../../server/measures/charts/chart.ts';
import { markerPath } from './markerPath.ts';
import { linearScale, logarithmicScale, type Scale } from '../../server/measures/charts/scale.ts';
import { thin, type Point } from './thin.ts';

/** The colours of a picture. */
export interface ChartColours {
  readonly foreground: string;
  readonly background: string;
  readonly grid: string;
  readonly palette: readonly string[];
}

const width = 900;
const plot = { left: 90, right: 880, top: 50, bottom: 400 };
/** Points that are drawn of a curve. More than the plot has room for would show nothing new. */
const drawnPoints = 800;
const markersPerCurve = 8;

export function colourOf({ colour }: ArmStyle, colours: ChartColours): string {
  return colours.palette[colour] ?? colours.foreground;
}

/** The whole file. Text appears in the viewer's sans-serif font. */
export function chartSvg(chart: ChartSpec, colours: ChartColours): string {
  const { parts, height } = chart.kind === 'bars' ? barParts(chart, colours) : lineParts(chart, colours);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="sans-serif" font-size="13" fill="${xml(colours.foreground)}">
<title>${xml(chart.title)}</title>
<rect width="${width}" height="${height}" fill="${xml(colours.background)}"/>
${text(plot.left, 28, chart.title, 'start', ' font-size="16" font-weight="bold"')}
${parts.join('\n')}
</svg>
`;
}

interface Drawn {
  readonly parts: readonly string[];
  readonly height: number;
}

function barParts({ bars, format, yTitle }: BarChart, colours: ChartColours): Drawn {
  const ends = bars.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  const scale = linearScale(Math.min(0, ...ends), Math.max(0, ...ends));
  const slot = (plot.right - plot.left) / Math.max(1, bars.length);
  const drawn = bars.map((bar, i) =>
    drawBar(bar, plot.left + (i + 0.5) * slot, Math.min(64, slot * 0.6), scale, format, colours),
  );
  return { parts: [...yAxis(scale, format, yTitle, colours), ...drawn], height: 440 };
}

function drawBar(
  bar: Bar,
  x: number,
  size: number,
  scale: Scale,
  format: (value: number) => string,
  colours: ChartColours,
): string {
  const [from, to] = [y(scale, 0), y(scale, bar.value)];
  const rect = `<rect x="${n(x - size / 2)}" y="${n(Math.min(from, to))}" width="${n(size)}" height="${n(Math.abs(to - from))}" fill="${xml(colourOf(bar.style, colours))}"/>`;
  const label = text(x, plot.bottom + 20, bar.label, 'middle');
  return `<g><title>${xml(`${bar.label}: ${format(bar.value)}`)}</title>${rect}${whisker(bar, x, scale, colours)}${label}</g>`;
}

/** The interval is drawn twice, so that it stands out from both the bar and the page. */
function whisker({ low, high }: Bar, x: number, scale: Scale, colours: ChartColours): string {
  if (low === undefined || high === undefined) return '';
  const path = `M${n(x)} ${n(y(scale, low))}V${n(y(scale, high))}M${n(x - 6)} ${n(y(scale, low))}h12M${n(x - 6)} ${n(y(scale, high))}h12`;
  return `<path d="${path}" stroke="${xml(colours.background)}" stroke-width="4.5" fill="none"/><path d="${path}" stroke="${xml(colours.foreground)}" stroke-width="1.5" fill="none"/>`;
}

function lineParts(chart: LineChart, colours: ChartColours): Drawn {
  const isDrawn = (point: Point) => (!chart.logarithmicX || point.x > 0) && (!chart.logarithmicY || point.y > 0);
  const curves = chart.series.map((series) => ({
    series,
    points: thin(series.x, series.y, drawnPoints).filter(isDrawn),
  }));
  const xs = curves.flatMap(({ points }) => points.map((point) => point.x));
  const ys = curves.flatMap(({ points }) => points.map((point) => point.y));
  const [xLow, xHigh] = bounds(xs);
  const xScale = chart.logarithmicX ? logarithmicScale(xLow || 1, xHigh || 1) : linearScale(xLow, xHigh, 8);
  const [yLow, yHigh] = bounds(ys);
  const yScale = chart.logarithmicY
    ? logarithmicScale(yLow || 1, yHigh || 1)
    : linearScale(chart.fromZero ? Math.min(0, yLow) : yLow, yHigh);
  const lines = curves.map(({ series, points }) => {
    const places = points.map((point) => [x(xScale, point.x), y(yScale, point.y)] as const);
    return drawCurve(series, places, colours);
  });
  const axes = [...yAxis(yScale, chart.format, chart.yTitle, colours), ...xAxis(xScale, chart.xTitle, colours)];
  const rows = Math.ceil(chart.series.length / 6);
  return { parts: [...axes, ...lines, ...legend(chart.series, colours)], height: 470 + rows * 22 };
}

function bounds(values: readonly number[]): readonly [low: number, high: number] {
  if (values.length === 0) return [0, 1];
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

function drawCurve(
  { label, style }: LineSeries,
  places: readonly (readonly [x: number, y: number])[],
  colours: ChartColours,
): string {
  const colour = xml(colourOf(style, colours));
  const dash = style.dash.length > 0 ? ` stroke-dasharray="${style.dash.join(' ')}"` : '';
  const line = `<polyline points="${places.map(([a, b]) => `${n(a)},${n(b)}`).join(' ')}" fill="none" stroke="${colour}" stroke-width="1.75"${dash}/>`;
  const every = Math.max(1, Math.floor(places.length / markersPerCurve));
  const marks = places
    .filter((_, i) => i % every === 0)
    .map(([a, b]) => `<path d="${markerPath(style.marker, a, b, 3.5)}" fill="${colour}" stroke="${colour}"/>`);
  return `<g><title>${xml(label)}</title>${line}${marks.join('')}</g>`;
}

function legend(series: readonly LineSeries[], colours: ChartColours): readonly string[] {
  return series.map(({ label, style }, i) => {
    const left = plot.left + (i % 6) * 130;
    const top = plot.bottom + 62 + Math.floor(i / 6) * 22;
    const colour = xml(colourOf(style, colours));
    const dash = style.dash.length > 0 ? ` stroke-dasharray="${style.dash.join(' ')}"` : '';
    const line = `<path d="M${left} ${top}h28" stroke="${colour}" stroke-width="2" fill="none"${dash}/>`;
    const mark = `<path d="${markerPath(style.marker, left + 14, top, 3.5)}" fill="${colour}" stroke="${colour}"/>`;
    return `${line}${mark}${text(left + 34, top + 4, label, 'start')}`;
  });
}

function yAxis(
  scale: Scale,
  format: (value: number) => string,
  title: string,
  colours: ChartColours,
): readonly string[] {
  const ticks = scale.ticks.map((tick) => {
    const at = y(scale, tick);
    return `<path d="M${plot.left} ${n(at)}H${plot.right}" stroke="${xml(colours.grid)}"/>${text(plot.left - 8, at + 4, format(tick), 'end')}`;
  });
  const middle = (plot.top + plot.bottom) / 2;
  return [...ticks, text(20, middle, title, 'middle', ` transform="rotate(-90 20 ${n(middle)})"`)];
}

function xAxis(scale: Scale, title: string, colours: ChartColours): readonly string[] {
  const ticks = scale.ticks.map((tick) => {
    const at = x(scale, tick);
    const mark = `<path d="M${n(at)} ${plot.bottom}v5" stroke="${xml(colours.grid)}"/>`;
    return `${mark}${text(at, plot.bottom + 20, String(Number(tick.toPrecision(6))), 'middle')}`;
  });
  return [...ticks, text((plot.left + plot.right) / 2, plot.bottom + 40, title, 'middle')];
}

function x(scale: Scale, value: number): number {
  return plot.left + scale.place(value) * (plot.right - plot.left);
}

function y(scale: Scale, value: number): number {
  return plot.bottom - scale.place(value) * (plot.bottom - plot.top);
}

function text(left: number, top: number, content: string, anchor: string, more = ''): string {
  return `<text x="${n(left)}" y="${n(top)}" text-anchor="${anchor}"${more}>${xml(content)}</text>`;
}

function n(value: number): string {
  return String(Number(value.toFixed(2)));
}

/** Escapes a text and replaces characters that XML 1.0 does not allow. */
function xml(content: string): string {
  return escapeMarkup(content.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd'));
}
