/** Draws a chart on a canvas with chart.js. Only the needed parts of chart.js are registered. */
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Tooltip,
  type ChartConfiguration,
  type ChartDataset,
} from 'chart.js';
import { backdrop, markers, whiskers } from './chartPlugins.ts';
import type { BarChart, ChartSpec, LineChart } from '../../server/measures/charts/chart.ts';
import { colourOf } from './chartSvg.ts';
import type { Theme } from './theme.ts';
import { thin, type Point } from './thin.ts';

Chart.register(
  LineController,
  LineElement,
  PointElement,
  BarController,
  BarElement,
  LinearScale,
  LogarithmicScale,
  CategoryScale,
  Tooltip,
);

/** A chart on a canvas. */
export interface ChartCanvas {
  readonly draw: (spec: ChartSpec, theme: Theme) => void;
  readonly destroy: () => void;
}

export interface CanvasOptions {
  /** Whether it follows the size of its box and reacts to the mouse. */
  readonly live: boolean;
  /** Number of points that are drawn of a curve. */
  readonly points: () => number;
}

/** Draws into `canvas`. A line chart with the same titles and theme gets new points without being built again. */
export function chartCanvas(canvas: HTMLCanvasElement, options: CanvasOptions): ChartCanvas {
  let chart: Chart | undefined;
  let line: LineChart | undefined;
  let drawn = '';
  return {
    draw(spec, theme) {
      const key = JSON.stringify([spec.title, theme, spec.kind === 'lines' && [spec.logarithmicX, spec.logarithmicY]]);
      if (spec.kind === 'lines') line = spec;
      if (chart && line && spec.kind === 'lines' && key === drawn) {
        renew(chart, datasets(spec, theme, options.points()));
        chart.update('none');
        return;
      }
      chart?.destroy();
      const made =
        spec.kind === 'lines' ? lineChart(spec, () => line ?? spec, theme, options) : barChart(spec, theme, options);
      chart = new Chart(canvas, made);
      drawn = key;
    },
    destroy: () => chart?.destroy(),
  };
}

/** Reuses the objects of curves that remain, since chart.js would rebuild its data for a new object. */
function renew(chart: Chart, curves: ChartDataset<'line', Point[]>[]): void {
  const before = new Map(chart.data.datasets.map((dataset) => [dataset.label, dataset]));
  chart.data.datasets = curves.map((curve) => {
    const kept = before.get(curve.label);
    return kept ? Object.assign(kept, { data: curve.data }) : curve;
  });
}

function datasets(
  { series, logarithmicX, logarithmicY }: LineChart,
  theme: Theme,
  budget: number,
): ChartDataset<'line', Point[]>[] {
  return series.map(({ label, style, x, y }) => {
    const points = thin(x, y, budget);
    const colour = colourOf(style, theme);
    return {
      label,
      data: points.filter(({ x: at, y: value }) => (!logarithmicX || at > 0) && (!logarithmicY || value > 0)),
      borderColor: colour,
      backgroundColor: colour,
      borderDash: [...style.dash],
      borderWidth: 1.75,
      pointRadius: 0,
      pointHitRadius: 6,
    };
  });
}

function lineChart(spec: LineChart, shown: () => LineChart, theme: Theme, options: CanvasOptions): ChartConfiguration {
  const configuration: ChartConfiguration<'line', Point[]> = {
    type: 'line',
    data: { datasets: datasets(spec, theme, options.points()) },
    options: {
      ...common(theme, options),
      parsing: false,
      normalized: true,
      scales: {
        x: spec.logarithmicX
          ? { type: 'logarithmic', ...axis(theme, spec.xTitle, powerOfTen) }
          : { type: 'linear', ...axis(theme, spec.xTitle) },
        y: spec.logarithmicY
          ? { type: 'logarithmic', ...axis(theme, spec.yTitle, powerOfTen) }
          : { type: 'linear', ...axis(theme, spec.yTitle, spec.format), ...(spec.fromZero && { suggestedMin: 0 }) },
      },
      plugins: {
        tooltip: {
          ...tooltip(theme, options),
          callbacks: {
            label: ({ dataset, parsed }) => `${dataset.label ?? ''}: ${spec.format(parsed.y ?? Number.NaN)}`,
          },
        },
      },
    },
    plugins: [backdrop(theme), markers(shown, theme)],
  };
  return configuration;
}

function barChart(spec: BarChart, theme: Theme, options: CanvasOptions): ChartConfiguration {
  const ends = spec.bars.flatMap(({ value, low, high }) => [value, low ?? value, high ?? value]);
  return {
    type: 'bar',
    data: {
      labels: spec.bars.map(({ label }) => label),
      datasets: [
        {
          data: spec.bars.map(({ value }) => value),
          backgroundColor: spec.bars.map(({ style }) => colourOf(style, theme)),
          maxBarThickness: 56,
        },
      ],
    },
    options: {
      ...common(theme, options),
      scales: {
        x: { type: 'category', ...axis(theme, '') },
        y: {
          type: 'linear',
          ...axis(theme, spec.yTitle, spec.format),
          suggestedMin: Math.min(0, ...ends),
          suggestedMax: Math.max(0, ...ends),
        },
      },
      plugins: {
        tooltip: { ...tooltip(theme, options), callbacks: { label: ({ dataIndex }) => barText(spec, dataIndex) } },
      },
    },
    plugins: [backdrop(theme), whiskers(() => spec, theme)],
  };
}

/** The label of a tick on a logarithmic axis. Only powers of ten have one, since there is no room for others. */
function powerOfTen(value: number): string {
  const power = Math.log10(value);
  if (Math.abs(power - Math.round(power)) > 1e-9) return '';
  return power < -3 || power > 3 ? `1e${Math.round(power)}` : String(Number(value.toPrecision(1)));
}

function barText({ bars, format }: BarChart, index: number): string {
  const bar = bars[index];
  if (!bar) return '';
  if (bar.low === undefined || bar.high === undefined) return format(bar.value);
  return `${format(bar.value)} [${format(bar.low)}, ${format(bar.high)}]`;
}

/** Animations are off: a chart is redrawn when its numbers change. */
function common(theme: Theme, { live }: CanvasOptions) {
  return {
    animation: false as const,
    responsive: live,
    maintainAspectRatio: false,
    events: live ? (['mousemove', 'mouseout', 'touchstart'] satisfies (keyof HTMLElementEventMap)[]) : [],
    color: theme.foreground,
    font: { family: theme.fontFamily, size: theme.fontSize - 1 },
    interaction: { mode: 'nearest' as const, axis: 'x' as const, intersect: false },
  };
}

function tooltip(theme: Theme, { live }: CanvasOptions) {
  return {
    enabled: live,
    animation: false as const,
    backgroundColor: theme.background,
    titleColor: theme.foreground,
    bodyColor: theme.foreground,
    borderColor: theme.foreground,
    borderWidth: 1,
  };
}

function axis(theme: Theme, title: string, format?: (value: number) => string) {
  const font = { family: theme.fontFamily, size: theme.fontSize - 2 };
  return {
    title: { display: title !== '', text: title, color: theme.foreground, font },
    ticks: {
      color: theme.foreground,
      font,
      maxRotation: 45,
      autoSkipPadding: 12,
      ...(format && { callback: (value: string | number) => format(Number(value)) }),
    },
    grid: { color: theme.grid, lineWidth: 0.5, tickLength: 4 },
    border: { color: theme.grid },
  };
}
