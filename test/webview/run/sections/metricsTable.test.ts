import assert from 'node:assert/strict';
import type { ArmMetrics } from '../../../../server/protocol/run/run.ts';
import {
  comparedDifferences,
  metricsTable,
  storedDifferences,
  uncompared,
} from '../../../../webview/run/sections/metricsTable.ts';
import { sampleMetrics } from '../../../../scripts/panelHarness/sampleArms.ts';

const { arms } = sampleMetrics;

function cell(table: ReturnType<typeof metricsTable>, arm: string, column: string): string | undefined {
  return table.rows.find(([id]) => id === arm)?.[table.header.indexOf(column)];
}

describe('the table of a run', () => {
  it('has the differences that the metrics hold, from the pinned baseline', () => {
    const table = metricsTable(arms, 'base', storedDifferences(arms, 'base'));
    assert.equal(cell(table, 'base', 'minus base, points'), 'is the baseline');
    assert.match(cell(table, 'r8', 'minus base, points')!, /^-4\.9 \[-6\.1, -3\.8\]$/);
    assert.equal(cell(table, 'base', 'KL from base, nats'), 'is the base');
    assert.equal(cell(table, 'base', 'tokens/s'), 'not trained');
  });

  it('asks for those that the metrics do not hold, and shows why there is none', () => {
    const stored = storedDifferences(arms, 'r8');
    assert.deepEqual(uncompared(arms, 'r8', stored), ['base', 'r2', 'r4', 'r16', 'r32', 'r64', 'full']);
    const run = '/run';
    const toxicityRate = { value: 0.5, n: 9 };
    const compared = comparedDifferences({
      baseline: { run, arm: 'r8' },
      verdicts: [],
      arms: [
        { of: { run, arm: 'r2' }, toxicityRate, difference: { value: 0.1, low: 0.05, high: 0.15, n: 9 } },
        { of: { run, arm: 'r4' }, toxicityRate, difference: { unmeasured: 'no prompt in common' } },
      ],
    });
    const table = metricsTable(arms, 'r8', compared);
    assert.equal(cell(table, 'r2', 'minus r8, points'), '+10.0 [+5.0, +15.0]');
    assert.equal(cell(table, 'r4', 'minus r8, points'), 'no prompt in common');
    assert.equal(cell(table, 'full', 'minus r8, points'), 'not compared');
  });

  it('never writes a zero for what was not measured', () => {
    const failed: ArmMetrics = {
      id: 'r2',
      method: 'lora',
      seed: 0,
      trainableParameters: 8,
      toxicity: { unmeasured: 'no completion could be judged' },
      unjudged: 4,
      failure: 'the loss was not finite',
    };
    const table = metricsTable([...arms.slice(0, 1), failed], 'base', new Map());
    assert.equal(cell(table, 'r2', 'toxic'), 'not measured: no completion could be judged');
    assert.equal(cell(table, 'r2', 'minus base, points'), 'not measured');
    assert.equal(cell(table, 'r2', 'no result because'), 'the loss was not finite');
  });

  it('has no column of what no arm has', () => {
    const bare: ArmMetrics = {
      id: 'r2',
      method: 'lora',
      seed: 0,
      trainableParameters: 8,
    };
    assert.deepEqual(metricsTable([bare], 'base', new Map()).header, ['arm']);
  });
});
