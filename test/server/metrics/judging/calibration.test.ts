import assert from 'node:assert/strict';
import { calibration } from '../../../../server/metrics/judging/calibration.ts';
import { decisionMargin } from '../../../../server/metrics/decisions/decisionMargin.ts';
import { isMeasured } from '../../../../server/protocol/run/estimate.ts';

const near = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);

describe('calibration', () => {
  it('weighs the gap of each bin by its predictions: three at 0.9 of which two are right, one wrong at 0.6', () => {
    const sure = [true, true, false].map((correct) => ({ confidence: 0.9, correct }));
    const result = calibration([...sure, { confidence: 0.6, correct: false }], 2);
    assert.ok(isMeasured(result));
    // Both fall into the upper of two bins: mean confidence 0.825, accuracy 0.5.
    near(result.error, 0.325);
    assert.deepEqual(result.bins[0], { low: 0, high: 0.5, n: 0 });
  });

  it('separates them in 15 bins: 3/4 |2/3 - 0.9| + 1/4 |0 - 0.6|', () => {
    const sure = [true, true, false].map((correct) => ({ confidence: 0.9, correct }));
    const result = calibration([...sure, { confidence: 0.6, correct: false }]);
    assert.ok(isMeasured(result));
    near(result.error, 0.75 * (0.9 - 2 / 3) + 0.25 * 0.6);
    assert.equal(result.bins.length, 15);
    assert.deepEqual(
      result.bins.map(({ n }) => n).filter((n) => n > 0),
      [1, 3],
    );
  });

  it('puts a confidence of 1 into the last bin, and is 0 where it is always right', () => {
    const result = calibration([{ confidence: 1, correct: true }]);
    assert.ok(isMeasured(result));
    assert.equal(result.error, 0);
    assert.equal(result.bins.at(-1)?.n, 1);
  });

  it('puts a confidence at an edge into the bin above it, with the bounds of each bin', () => {
    const result = calibration(
      [
        { confidence: 0.25, correct: true },
        { confidence: 0, correct: false },
      ],
      4,
    );
    assert.ok(isMeasured(result));
    assert.deepEqual(result.bins, [
      { low: 0, high: 0.25, n: 1, confidence: 0, accuracy: 0 },
      { low: 0.25, high: 0.5, n: 1, confidence: 0.25, accuracy: 1 },
      { low: 0.5, high: 0.75, n: 0 },
      { low: 0.75, high: 1, n: 0 },
    ]);
    near(result.error, 0.375);
    assert.equal(result.n, 2);
    assert.deepEqual(calibration([{ confidence: 1.01, correct: true }]), { unmeasured: 'a confidence is 1.01' });
    assert.deepEqual(calibration([{ confidence: -0.01, correct: true }]), { unmeasured: 'a confidence is -0.01' });
  });

  it('is undefined without predictions and for what is no probability', () => {
    assert.deepEqual(calibration([]), { unmeasured: 'there are no predictions' });
    assert.deepEqual(calibration([{ confidence: NaN, correct: true }]), { unmeasured: 'a confidence is NaN' });
  });
});

describe('decisionMargin', () => {
  it('is the likeliest class, its probability and its lead over the next, of scores up to a constant', () => {
    const decision = decisionMargin([Math.log(0.2) + 7, Math.log(0.7) + 7, Math.log(0.1) + 7]);
    assert.ok(isMeasured(decision));
    assert.equal(decision.predicted, 1);
    near(decision.confidence, 0.7);
    near(decision.margin, 0.5);
  });

  it('decides for the first of equals with margin 0', () => {
    assert.deepEqual(decisionMargin([-5, -5]), { predicted: 0, confidence: 0.5, margin: 0 });
  });

  it('takes a class that cannot be for probability 0, and is undefined where none can', () => {
    assert.deepEqual(decisionMargin([-Infinity, -2]), { predicted: 1, confidence: 1, margin: 1 });
    assert.deepEqual(decisionMargin([-Infinity, -Infinity]), { unmeasured: 'no class has a finite score' });
    assert.deepEqual(decisionMargin([0]), { unmeasured: 'there are fewer than two classes' });
  });

  it('finds the runner-up wherever it stands', () => {
    const margin = (...shares: readonly number[]) => {
      const decision = decisionMargin(shares.map(Math.log));
      assert.ok(isMeasured(decision));
      return decision;
    };
    for (const [shares, predicted] of [
      [[0.6, 0.3, 0.1], 0],
      [[0.1, 0.6, 0.3], 1],
      [[0.3, 0.1, 0.6], 2],
    ] as const) {
      assert.equal(margin(...shares).predicted, predicted);
      near(margin(...shares).margin, 0.3);
      near(margin(...shares).confidence, 0.6);
    }
  });
});
