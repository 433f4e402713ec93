import assert from 'node:assert/strict';
import { axis, n, plot, shortened, valueScale } from '../../../../server/report/figures/chartParts.ts';
import { drawLines } from '../../../../server/report/figures/lineChart.ts';
import { heatRules } from '../../../../server/report/heatStyle.ts';
import { htmlString } from '../../../../server/report/tables/htmlText.ts';
import type { LineChart } from '../../../../server/measures/charts/chart.ts';

describe("the axis of a report's chart", () => {
  it('has round ticks that hold the range, about four steps', () => {
    assert.deepEqual(valueScale(0, 7).ticks, [0, 2, 4, 6, 8]);
    assert.deepEqual(valueScale(0, 4).ticks, [0, 1, 2, 3, 4]);
    assert.deepEqual(valueScale(3, 20).ticks, [0, 5, 10, 15, 20]);
    assert.deepEqual(valueScale(-3, 25).ticks, [-10, 0, 10, 20, 30]);
    assert.deepEqual(valueScale(4, 4).ticks, [4, 5]);
    assert.deepEqual(valueScale(0.5, 0.98).ticks, [0.4, 0.6, 0.8, 1]);
  });

  it('ends at the greatest value that there can be, unless one lies beyond', () => {
    const { ticks, y } = valueScale(0, 0.9, 1);
    assert.deepEqual(ticks, [0, 0.5, 1]);
    assert.equal(y(1), plot.top);
    const cut = valueScale(0, 95, 100);
    assert.equal(cut.y(100), plot.top);
    assert.equal(valueScale(0, 105, 100).ticks.at(-1), 100);
    assert.equal(valueScale(0, 105, 100).y(105), plot.top);
  });

  it('places the least value at the bottom and the rest in proportion, with a line and a number at each tick', () => {
    const scale = valueScale(0, 8);
    assert.deepEqual(
      [scale.y(0), scale.y(8), scale.y(2)],
      [plot.bottom, plot.top, plot.bottom - (plot.bottom - plot.top) / 4],
    );
    const [first = assert.fail()] = axis(scale, (value) => `${value} kg`);
    const text = htmlString(first);
    assert.match(text, new RegExp(`d="M${plot.left} ${plot.bottom}H${plot.right}"`));
    assert.match(text, />0 kg</);
  });

  it('writes two decimals at most, and cuts a label to fourteen letters', () => {
    assert.deepEqual([1.005, 2.5, 3, 1 / 3].map(n), ['1', '2.5', '3', '0.33']);
    assert.deepEqual([shortened('fourteen chars'), shortened('fifteen letters')], ['fourteen chars', 'fifteen lette…']);
  });
});

describe('curves in a report', () => {
  const style = { colour: 2, dash: [7, 3], marker: 'circle' } as const;
  const chart = (x: readonly number[], y: readonly number[], change: Partial<LineChart> = {}): LineChart => ({
    ...{
      kind: 'lines',
      title: 'Loss',
      xTitle: 'step',
      yTitle: 'nats',
      format: (value) => `${value}!`,
      place: (at) => `step ${at}`,
    },
    series: [{ label: 'r2', style, x, y }],
    ...change,
  });
  const drawn = (spec: LineChart): string => htmlString(drawLines(spec) ?? assert.fail('nothing is drawn'));
  const points = (text: string) =>
    (/points="([^"]*)"/.exec(text)?.[1] ?? '').split(' ').map((point) => point.split(',').map(Number));
  const ticks = (text: string) => [...text.matchAll(/class="tick"[^>]*>([^<]*)</g)].map(([, tick]) => tick);

  it('go from the first place at the left to the last at the right, between the ticks', () => {
    const text = drawn(chart([10, 20, 50], [0, 4, 2]));
    assert.deepEqual(points(text), [
      [plot.left, plot.bottom],
      [n64(plot.left + (plot.right - plot.left) / 4), plot.top],
      [plot.right, (plot.top + plot.bottom) / 2],
    ]);
    assert.deepEqual(ticks(text), ['0!', '1!', '2!', '3!', '4!']);
    assert.match(text, />step 10<[^]*>step 50</);
    assert.match(text, /aria-label="Loss, nats"/);
    assert.match(text, /class="curve c2"\s+stroke-dasharray="7 3"/);
  });

  it('leave out what was not measured, and are none where nothing was', () => {
    assert.equal(points(drawn(chart([1, 2, 3], [1, NaN, 3]))).length, 2);
    assert.equal(drawLines(chart([1, 2], [NaN, NaN])), undefined);
    // A single point is drawn as a line of no length.
    const alone = points(drawn(chart([7], [3])));
    assert.deepEqual([alone.length, alone[0]], [2, alone[1]]);
  });

  it('begin at zero where the chart says so', () => {
    assert.equal(ticks(drawn(chart([1, 2], [100, 104])))[0], '100!');
    assert.equal(ticks(drawn(chart([1, 2], [100, 104], { fromZero: true })))[0], '0!');
    assert.equal(ticks(drawn(chart([1, 2], [-8, 8], { fromZero: true })))[0], '-10!');
  });

  it('stand on powers of ten where they are logarithmic, six at most, without what has no logarithm', () => {
    const text = drawn(chart([0, 1, 2], [0, 0.01, 1], { logarithmicY: true }));
    assert.deepEqual(ticks(text), ['0.01!', '0.1!', '1!']);
    assert.deepEqual(
      points(text).map(([, y]) => y),
      [plot.bottom, plot.top],
    );
    assert.match(text, /aria-label="Loss, nats, logarithmic"/);
    assert.deepEqual(ticks(drawn(chart([0, 1], [1e-8, 1], { logarithmicY: true }))).length, 5);
    assert.deepEqual(ticks(drawn(chart([0, 1], [1e-6, 1], { logarithmicY: true }))).length, 7);
    assert.deepEqual(ticks(drawn(chart([0, 1], [10, 10], { logarithmicY: true }))), ['10!', '100!']);
  });

  it('are drawn with four hundred points at most, and the base in the colour of text', () => {
    const many = Array.from({ length: 1000 }, (_, i) => i);
    assert.equal(points(drawn(chart(many, many))).length, 400);
    const base = { colour: -1, dash: [], marker: 'circle' } as const;
    assert.match(
      drawn(chart([1], [1], { series: [{ label: 'base', style: base, x: [1], y: [1] }] })),
      /class="curve cbase"\s+stroke-dasharray="none"/,
    );
  });
});

const n64 = (value: number): number => Number(n(value));

describe('the colours of heat in a report', () => {
  it('go from cold over neutral to warm in equal steps', () => {
    assert.equal(
      heatRules(5, ['#0000ff', '#ffffff', '#ff0000']),
      '.h0 { background: #0000ff; } .h1 { background: #8080ff; } .h2 { background: #ffffff; } .h3 { background: #ff8080; } .h4 { background: #ff0000; }',
    );
    assert.equal(heatRules(1, ['#000000', '#0a0b0c', '#ffffff']), '.h0 { background: #0a0b0c; }');
  });
});
