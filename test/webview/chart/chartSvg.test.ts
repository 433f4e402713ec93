import assert from 'node:assert/strict';
import type { BarChart, LineChart } from '../../../server/measures/chart.ts';
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
});
