import assert from 'node:assert/strict';
import { chartLabel, chartTable, isEmpty, type LineChart } from '../../../server/measures/charts/chart.ts';

const style = { colour: 0, dash: [], marker: 'circle' } as const;

function chart(series: LineChart['series']): LineChart {
  return { kind: 'lines', title: 'Loss', xTitle: 'step', yTitle: 'nats', series, format: (y) => y.toFixed(2) };
}

describe('the words behind a chart', () => {
  it('are a table with a row a step, empty where an arm was not measured', () => {
    const table = chartTable(
      chart([
        { label: 'r2', style, x: [1, 2], y: [3, Number.NaN] },
        { label: 'r4', style, x: [2, 3], y: [1, 0] },
      ]),
    );
    assert.deepEqual(table.header, ['step', 'r2', 'r4']);
    assert.deepEqual(table.rows, [
      ['1', '3.00', ''],
      ['2', '', '1.00'],
      ['3', '', '0.00'],
    ]);
  });

  it('are sixty rows of a long curve, the first and the last among them', () => {
    const x = Array.from({ length: 5000 }, (_, i) => i + 1);
    const { rows } = chartTable(chart([{ label: 'r2', style, x, y: x }]));
    assert.equal(rows.length, 60);
    assert.deepEqual([rows[0]?.[0], rows.at(-1)?.[0]], ['1', '5000']);
  });

  it('are one sentence with the latest measured value of each arm', () => {
    const label = chartLabel(chart([{ label: 'r2', style, x: [1, 2, 3], y: [3, 2, Number.NaN] }]));
    assert.match(label, /^Loss: r2 2\.00\./);
  });

  it('say of bars what was not measured, and of nothing that it is nothing', () => {
    const bars = { kind: 'bars', title: 'T', yTitle: 'share', format: String } as const;
    const table = chartTable({ ...bars, bars: [{ label: 'r2', style, value: 0.5 }] });
    assert.deepEqual(table.rows, [['r2', '0.5', 'not measured', 'not measured', 'not measured']]);
    assert.ok(isEmpty({ ...bars, bars: [] }));
    assert.match(chartLabel({ ...bars, bars: [] }), /nothing measured yet/);
  });
});
