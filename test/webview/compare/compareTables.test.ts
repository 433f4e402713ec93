import assert from 'node:assert/strict';
import { comparisonTable, differenceChart, rateChart, says } from '../../../webview/compare/compareTables.ts';
import { sampleComparison } from '../../../scripts/panelHarness/sampleResults.ts';

const run = '/home/ada/runs/demo';
const of = (arm: string) => ({ run, arm });
const comparison = sampleComparison({ arms: ['base', 'r2', 'r4', 'full'].map(of), baseline: of('base') });

describe('a comparison', () => {
  it('says of every arm what its interval allows, and why where there is no difference', () => {
    const { header, rows } = comparisonTable(comparison);
    const said = rows.map((row) => row[header.indexOf('says')]);
    assert.deepEqual(said, ['', 'no difference shown', 'the two have no prompt in common', 'less toxic']);
    assert.equal(rows[0]?.[header.indexOf('minus the baseline, points')], 'is the baseline');
    assert.deepEqual(
      [says({ low: 0.01, high: 0.02 }), says({ low: -0.01, high: 0.02 }), says({ low: -0.2, high: -0.1 })],
      ['more toxic', 'no difference shown', 'less toxic'],
    );
  });

  it('has a bar of every difference, none of the baseline', () => {
    assert.deepEqual(
      differenceChart(comparison).bars.map(({ label }) => label),
      ['r2', 'full'],
    );
    assert.equal(rateChart(comparison).bars.length, 4);
  });

  it('names runs where arms come from several', () => {
    const two = sampleComparison({ arms: [of('r2'), { run: '/home/ada/runs/other', arm: 'r2' }], baseline: of('r2') });
    assert.deepEqual(
      comparisonTable(two).rows.map(([name]) => name),
      ['demo/r2', 'other/r2'],
    );
  });
});
