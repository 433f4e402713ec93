import assert from 'node:assert/strict';
import type { BarChart, LineChart } from '../../../server/measures/charts/chart.ts';
import { chartSvg } from '../../../webview/chart/chartSvg.ts';

const colours = { foreground: '#111111', background: '#ffffff', grid: '#bbbbbb', palette: ['#0072b2', '#b35900'] };
const solid = { colour: 0, dash: [], marker: 'circle' } as const;
const dashed = { colour: 1, dash: [7, 3], marker: 'square' } as const;
const format = (value: number) => value.toFixed(1);

function lines(change: Partial<LineChart> = {}): LineChart {
  return {
    kind: 'lines',
    title: 'Loss',
    xTitle: 'step',
    yTitle: 'nats',
    series: [
      { label: 'r2', style: solid, x: [1, 2, 3], y: [3, 2, 1] },
      { label: 'r4', style: dashed, x: [1, 2, 3], y: [3, 1, 0] },
    ],
    format,
    ...change,
  };
}

/** Tags of a document in order, to see that every one is closed; throws on text that XML does not allow. */
function checkWellFormed(svg: string): void {
  const open: string[] = [];
  for (const [, slash, name, , self] of svg.matchAll(/<(\/?)([a-z]+)((?:"[^"]*"|[^">])*?)(\/?)>/g)) {
    if (slash) assert.equal(open.pop(), name);
    else if (!self) open.push(name!);
  }
  assert.deepEqual(open, []);
  assert.doesNotMatch(svg.replace(/<[^>]*>/g, ''), /[<>]/);
}

describe('a chart as SVG', () => {
  it('draws every curve in its colour, with its dashes, and names it', () => {
    const svg = chartSvg(lines(), colours);
    checkWellFormed(svg);
    assert.equal([...svg.matchAll(/<polyline/g)].length, 2);
    assert.match(svg, /stroke="#b35900" stroke-width="1.75" stroke-dasharray="7 3"/);
    assert.match(svg, />r2<[\s\S]*>r4</);
  });

  it('puts higher values higher and later steps further right', () => {
    const [, first = ''] = /<polyline points="([^"]*)"/.exec(chartSvg(lines(), colours)) ?? [];
    const [[x1, y1], , [x3, y3]] = first.split(' ').map((point) => point.split(',').map(Number)) as [
      [number, number],
      [number, number],
      [number, number],
    ];
    assert.ok(x3 > x1 && y3 > y1, first);
  });

  it('shows text as text, whatever it says', () => {
    const hostile = '"><script>alert(1)</script>\u0000';
    const one = { label: hostile, style: solid, x: [1], y: [1] };
    const svg = chartSvg(lines({ title: hostile, series: [one] }), colours);
    checkWellFormed(svg);
    assert.doesNotMatch(svg, /<script|\u0000/);
    assert.match(svg, /&lt;script&gt;/);
  });

  it('draws bars from zero, with their intervals, below zero too', () => {
    const chart: BarChart = {
      kind: 'bars',
      title: 'Difference',
      yTitle: 'points',
      bars: [
        { label: 'up', style: solid, value: 2, low: 1, high: 3 },
        { label: 'down', style: dashed, value: -2 },
      ],
      format,
    };
    const svg = chartSvg(chart, colours);
    checkWellFormed(svg);
    const tops = [...svg.matchAll(/<rect x="[^"]*" y="([^"]*)" width="[^"]*" height="([^"]*)" fill="#(?!ffffff)/g)].map(
      ([, top, height]) => [Number(top), Number(height)],
    );
    const [up, down] = tops as [[number, number], [number, number]];
    assert.ok(Math.abs(up[0] + up[1] - down[0]) < 0.02, 'both begin at zero');
    assert.equal([...svg.matchAll(/stroke-width="4.5"/g)].length, 1);
  });

  it('leaves out of a logarithmic axis what has no logarithm', () => {
    const one = { label: 'r2', style: solid, x: [0, 0.01, 1], y: [5, 1, 2] };
    const svg = chartSvg(lines({ logarithmicX: true, series: [one] }), colours);
    assert.doesNotMatch(svg, /NaN|Infinity/);
  });

  it('is whole without any point', () => {
    const svg = chartSvg(lines({ series: [] }), colours);
    checkWellFormed(svg);
    assert.doesNotMatch(svg, /NaN|Infinity/);
  });

  /** Attributes of the first element that fits, as numbers. */
  const numbers = (svg: string, pattern: RegExp): readonly number[] =>
    (pattern.exec(svg) ?? assert.fail(`nothing fits ${String(pattern)}`)).slice(1).map(Number);
  /** Where a label of an axis stands. */
  const labelAt = (svg: string, label: string, anchor: string): readonly [x: number, y: number] => {
    const [left = NaN, top = NaN] = numbers(
      svg,
      new RegExp(`<text x="([\\d.]+)" y="([\\d.]+)" text-anchor="${anchor}">${label}<`),
    );
    return [left, top];
  };

  it('puts every point where the ticks of both axes say', () => {
    const one = { label: 'r2', style: solid, x: [2, 4], y: [10, 30] };
    const svg = chartSvg(lines({ series: [one], format: (value) => value.toFixed(0) }), colours);
    const [x1 = NaN, y1 = NaN, x2 = NaN, y2 = NaN] = numbers(
      svg,
      /<polyline points="([\d.]+),([\d.]+) ([\d.]+),([\d.]+)"/,
    );
    assert.deepEqual([x1, x2], [labelAt(svg, '2', 'middle')[0], labelAt(svg, '4', 'middle')[0]]);
    // A label hangs four pixels below the line that it names, so that its middle is on it.
    assert.deepEqual([y1 + 4, y2 + 4], [labelAt(svg, '10', 'end')[1], labelAt(svg, '30', 'end')[1]]);
    assert.equal(labelAt(svg, '2.5', 'middle')[0], x1 + (x2 - x1) / 4);
    // The line of a tick goes across the whole plot.
    assert.ok(svg.includes(`<path d="M90 ${y2}H880" stroke="#bbbbbb"/>`));
  });

  it('leaves out of a logarithmic axis what has no logarithm', () => {
    const one = { label: 'r2', style: solid, x: [0, 1, 10, 100], y: [5, 0, 10, 1000] };
    const both = chartSvg(lines({ series: [one], logarithmicX: true, logarithmicY: true }), colours);
    assert.equal(/<polyline points="([^"]*)"/.exec(both)?.[1]?.split(' ').length, 2);
    const alongX = chartSvg(lines({ series: [one], logarithmicX: true }), colours);
    const [a, b, c] = (/<polyline points="([^"]*)"/.exec(alongX)?.[1] ?? '')
      .split(' ')
      .map((p) => Number(p.split(',')[0]));
    assert.ok(a !== undefined && b !== undefined && c !== undefined && Math.abs(b - a - (c - b)) < 0.02);
    checkWellFormed(chartSvg(lines({ series: [], logarithmicX: true, logarithmicY: true }), colours));
  });

  it('begins at zero where the chart says so', () => {
    const high = { label: 'r2', style: solid, x: [1, 2], y: [100, 104] };
    const ticks = (change: Partial<LineChart>) =>
      /text-anchor="end">([^<]*)</.exec(chartSvg(lines({ series: [high], ...change }), colours))?.[1];
    assert.deepEqual([ticks({}), ticks({ fromZero: true })], ['100.0', '0.0']);
  });

  it('has eight markers or a few more along a curve, and one on each point of a short one', () => {
    const markers = (count: number) => {
      const x = Array.from({ length: count }, (_, i) => i + 1);
      const svg = chartSvg(lines({ series: [{ label: 'r2', style: solid, x, y: x }] }), colours);
      // One more stands in the legend.
      return [...svg.matchAll(/<path d="M[^"]*a3\.5/g)].length - 1;
    };
    assert.deepEqual([markers(1), markers(5), markers(16), markers(17), markers(160)], [1, 5, 8, 9, 8]);
  });

  it('has room for a legend of six names a row', () => {
    const series = Array.from({ length: 7 }, (_, i) => ({
      label: `arm${i}`,
      style: i === 6 ? dashed : solid,
      x: [1],
      y: [1],
    }));
    const svg = chartSvg(lines({ series }), colours);
    const [height = NaN] = numbers(svg, /viewBox="0 0 900 (\d+)"/);
    const places = series.map(({ label }) => labelAt(svg, label, 'start'));
    assert.equal(new Set(places.map(String)).size, 7);
    assert.deepEqual(places[6]?.[0], places[0]?.[0]);
    assert.ok(places.slice(0, 6).every(([, y]) => y === places[0]?.[1]));
    const [first = NaN, second = NaN] = [places[0]?.[1], places[6]?.[1]];
    assert.ok(second - first >= 16 && second < height && places.every(([x]) => x < 900 - 60));
    const [six = NaN] = numbers(chartSvg(lines({ series: series.slice(0, 6) }), colours), /viewBox="0 0 900 (\d+)"/);
    assert.equal(height - six, second - first);
  });

  it('draws a bar from zero to its value with its interval through its middle', () => {
    const bars: BarChart['bars'] = [
      { label: 'up', style: solid, value: 2, low: 1, high: 3 },
      { label: 'down', style: dashed, value: -2 },
    ];
    const svg = chartSvg({ kind: 'bars', title: 'D', yTitle: 'points', bars, format }, colours);
    const tick = (value: string) => labelAt(svg, value, 'end')[1] - 4;
    const rects = [
      ...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)" fill="(#\w+)"/g),
    ];
    const [up, down] = rects.map((match) => match.slice(1, 5).map(Number)) as [number[], number[]];
    assert.deepEqual([up[1], up[1]! + up[3]!], [tick('2.0'), tick('0.0')]);
    assert.deepEqual([down[1], down[1]! + down[3]!], [tick('0.0'), tick('-2.0')]);
    assert.deepEqual(
      rects.map((match) => match[5]),
      ['#0072b2', '#b35900'],
    );
    const whiskers = [
      ...svg.matchAll(
        /<path d="M([\d.]+) ([\d.]+)V([\d.]+)M([\d.]+) ([\d.]+)h12M([\d.]+) ([\d.]+)h12" stroke="(#\w+)"/g,
      ),
    ];
    assert.deepEqual(
      whiskers.map((match) => match[8]),
      ['#ffffff', '#111111'],
    );
    const [x, low, high, capX, capLow, , capHigh] = whiskers[0]!.slice(1, 8).map(Number);
    assert.deepEqual([x, low, high], [up[0]! + up[2]! / 2, tick('1.0'), tick('3.0')]);
    assert.deepEqual([capX! + 6, capLow, capHigh], [x, low, high]);
    assert.deepEqual(
      [labelAt(svg, 'up', 'middle')[0], labelAt(svg, 'down', 'middle')[0]],
      [x, down[0]! + down[2]! / 2],
    );
    assert.match(svg, /<title>up: 2\.0<\/title>/);
  });
});
