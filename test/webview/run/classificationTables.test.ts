import assert from 'node:assert/strict';
import { calibrationTable, rulesOf, ruleTable } from '../../../server/measures/catalogue/kindTable.ts';
import { drawnRuleMeasures, kindBars } from '../../../server/measures/charts/measureCharts.ts';
import type { ClassificationKind, ClassificationSummary } from '../../../server/protocol/run/classificationRun.ts';
import type { Estimate } from '../../../server/protocol/run/estimate.ts';

const around = (value: number): Estimate => ({ value, low: value - 0.02, high: value + 0.02, n: 100 });

function kind(name: string, method: ClassificationKind['method'], accuracy: Estimate): ClassificationKind {
  return {
    name,
    method,
    arms: [name],
    result: {
      rules: [
        {
          rule: 'probability',
          accuracy,
          groups: [{ group: 'positive', n: 50, accuracy }],
          accuracyParity: { value: 3, low: 1, high: 5, n: 100 },
          worstGroupError: { unmeasured: 'a group has no examples' },
          biasGaps: method === 'lora' ? [{ group: 'positive', reference: 'full', gap: around(1.5) }] : [],
        },
      ],
      calibration: [{ group: 'positive', n: 50, error: { unmeasured: 'no probabilities' }, bins: [] }],
      margins: [],
    },
  };
}

const summary: ClassificationSummary = {
  labels: ['negative', 'positive'],
  groups: ['positive'],
  test: [],
  training: [],
  kinds: [kind('r8', 'lora', around(0.8)), kind('full', 'full', { unmeasured: 'it diverged' })],
};

describe('the result of a classification run', () => {
  it('is a row a kind of arm, with gaps and why what is missing is missing', () => {
    assert.deepEqual(rulesOf(summary), ['probability']);
    const { header, rows } = ruleTable(summary, 'probability');
    assert.deepEqual(header, [
      'arms',
      'accuracy',
      'accuracy, positive',
      'accuracy parity, points',
      'worst group error, points',
      'harmful bias gap, positive, points',
    ]);
    assert.deepEqual(rows[0], [
      'r8',
      '80.0 % [78.0, 82.0]',
      '80.0 % [78.0, 82.0]',
      '3.0 [1.0, 5.0]',
      'not measured: a group has no examples',
      '1.5 [1.5, 1.5]',
    ]);
    assert.equal(rows[1]![1], 'not measured: it diverged');
    assert.equal(rows[1]![5], 'is the reference');
  });

  it('has bars of what was measured alone', () => {
    const drawn = drawnRuleMeasures(summary, 'probability');
    const bars = drawn.map((measure) => {
      return [measure.key, ...kindBars(measure, summary, new Map()).bars.map(({ label, value }) => [label, value])];
    });
    assert.deepEqual(bars, [
      ['probability.accuracy', ['r8', 0.8]],
      ['probability.accuracyParity', ['r8', 3], ['full', 3]],
      ['probability.worstGroupError'],
    ]);
  });

  it('tells calibration, or why there is none', () => {
    assert.deepEqual(calibrationTable(summary).rows[0], ['r8', 'not measured: no probabilities']);
  });
});
