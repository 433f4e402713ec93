/** Plugins that draw what chart.js does not: a background, markers along curves, intervals of bars. */
import type { Chart, Plugin } from 'chart.js';
import type { Bar, BarChart, LineChart } from '../../server/measures/charts/chart.ts';
import { colourOf } from './chartSvg.ts';
import { markerPath } from './markerPath.ts';
import type { Theme } from './theme.ts';

const markersPerCurve = 8;

/** Gives a saved picture an opaque background. */
export function backdrop({ background }: Theme): Plugin {
  return {
    id: 'backdrop',
    beforeDraw({ ctx, width, height }) {
      ctx.save();
      ctx.fillStyle = background;
      ctx.fillRect(0, 0, width, height);
      ctx.restore();
    },
  };
}

/** Draws a few markers along every curve, so that arms can be told apart without colour. */
export function markers(shown: () => LineChart, theme: Theme): Plugin {
  return {
    id: 'markers',
    afterDatasetsDraw(chart) {
      chart.ctx.save();
      for (const [index, { style }] of shown().series.entries()) {
        chart.ctx.fillStyle = chart.ctx.strokeStyle = colourOf(style, theme);
        for (const { x, y } of markedPlaces(chart, index)) {
          const path = new Path2D(markerPath(style.marker, x, y, 3));
          chart.ctx.fill(path);
          chart.ctx.stroke(path);
        }
      }
      chart.ctx.restore();
    },
  };
}

/** Each curve starts at another phase, so that curves on top of each other still show all their markers. */
function markedPlaces(chart: Chart, index: number): { readonly x: number; readonly y: number }[] {
  const points = chart.getDatasetMeta(index).data;
  const every = Math.max(1, Math.floor(points.length / markersPerCurve));
  const first = Math.floor((index * every) / 3) % every;
  return points.filter((_, i) => i % every === first);
}

/** Draws the 95 % interval of every bar. */
export function whiskers(shown: () => BarChart, theme: Theme): Plugin {
  return {
    id: 'whiskers',
    afterDatasetsDraw(chart) {
      chart.ctx.save();
      for (const [index, bar] of shown().bars.entries()) drawWhisker(chart, index, bar, theme);
      chart.ctx.restore();
    },
  };
}

/** The interval is drawn twice, so that it stands out from both the bar and the page. */
function drawWhisker(chart: Chart, index: number, { low, high }: Bar, theme: Theme): void {
  const x = chart.getDatasetMeta(0).data[index]?.x;
  const scale = chart.scales.y;
  if (x === undefined || low === undefined || high === undefined || !scale) return;
  const [from, to] = [scale.getPixelForValue(low), scale.getPixelForValue(high)];
  const path = new Path2D(`M${x} ${from}V${to}M${x - 5} ${from}h10M${x - 5} ${to}h10`);
  const strokes = [
    [theme.background, 4.5],
    [theme.foreground, 1.5],
  ] as const;
  for (const [colour, width] of strokes) {
    chart.ctx.strokeStyle = colour;
    chart.ctx.lineWidth = width;
    chart.ctx.stroke(path);
  }
}
