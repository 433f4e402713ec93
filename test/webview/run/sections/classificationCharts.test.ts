import assert from 'node:assert/strict';
import type { ClassificationKind, ClassificationSummary } from '../../../../server/protocol/run/classificationRun.ts';
import { calibrationChart, marginChart } from '../../../../webview/run/sections/classificationCharts.ts';

function kind(name: string, parts: Partial<ClassificationKind['result']>, minority?: number): ClassificationKind {
  const result = { rules: [], calibration: [], margins: [], ...parts };
  return { name, method: 'lora', arms: [name], ...(minority !== undefined && { minority }), result };
}

const summary: ClassificationSummary = {
  labels: ['negative', 'positive'],
  groups: ['negative'],
  test: [],
  training: [],
  kinds: [
    kind(
      'r8',
      {
        margins: [
          {
            label: 'negative',
            n: 4,
            margin: { value: 0.5, low: 0.4, high: 0.6, n: 4 },
            histogram: [0, 0, 1, 3],
          },
          { label: 'positive', n: 0, margin: { unmeasured: 'nobody decided for it' }, histogram: [0, 0, 0, 0] },
        ],
        calibration: [
          {
            group: 'negative',
            n: 4,
            error: { value: 0.1, n: 4 },
            bins: [
              { low: 0, high: 0.5, n: 0 },
              { low: 0.5, high: 1, n: 4, confidence: 0.8, accuracy: 0.75 },
            ],
          },
        ],
      },
      0.5,
    ),
    kind('full', {}),
  ],
};

describe('margins', () => {
  it('are shares of the decisions at each probability, of arms that decided for the label alone', () => {
    const { series } = marginChart(summary, 'negative', new Map());
    assert.deepEqual(
      series.map(({ label, x, y }) => [label, x, y]),
      [['r8 50.0 %', [0.125, 0.375, 0.625, 0.875], [0, 0, 0.25, 0.75]]],
    );
    assert.deepEqual(marginChart(summary, 'positive', new Map()).series, []);
  });
});

describe('calibration', () => {
  it('is accuracy over confidence where a bin has predictions, beside the line where both agree', () => {
    const { series } = calibrationChart(summary, 'negative', new Map());
    assert.deepEqual(
      series.map(({ label, x, y }) => [label, x, y]),
      [
        ['r8 50.0 %', [0.75], [0.75]],
        ['as sure as right', [0.75], [0.75]],
      ],
    );
  });

  it('is no chart where nothing was measured', () => {
    assert.deepEqual(calibrationChart(summary, 'elsewhere', new Map()).series, []);
  });
});
