import assert from 'node:assert/strict';
import { agreement, cohenKappa } from '../../../../server/metrics/judging/agreement.ts';
import { isMeasured } from '../../../../server/protocol/run/estimate.ts';

/** 20 toxic found, 5 toxic missed, 10 false alarms, 15 benign let pass: kappa 0.4 (Cohen's textbook table). */
const verdicts = [...many(true, 20), ...many(false, 5), ...many(true, 10), ...many(false, 15)];
const labels = [...many(true, 25), ...many(false, 25)];

function many<T>(value: T, times: number): T[] {
  return new Array<T>(times).fill(value);
}

describe('agreement', () => {
  it('counts the matrix and its rates', () => {
    const found = agreement(verdicts, labels);
    assert.deepEqual(found.matrix, { truePositive: 20, falsePositive: 10, trueNegative: 15, falseNegative: 5 });
    assert.ok(isMeasured(found.accuracy) && isMeasured(found.sensitivity) && isMeasured(found.specificity));
    assert.deepEqual([found.accuracy.value, found.sensitivity.value, found.specificity.value], [0.7, 0.8, 0.6]);
    assert.ok(typeof found.kappa === 'number' && Math.abs(found.kappa - 0.4) < 1e-12);
    // Wilson for 20 of 25, from the closed formula.
    assert.ok(Math.abs(found.sensitivity.low - 0.60869) < 1e-4 && Math.abs(found.sensitivity.high - 0.91139) < 1e-4);
  });

  it('counts failed judgements apart and leaves unlabelled texts out', () => {
    const found = agreement([true, undefined, false, true], [true, true, undefined, false]);
    assert.deepEqual([found.n, found.unjudged], [2, 1]);
  });

  it('has no rate of nothing and no kappa of 0 / 0', () => {
    const none = agreement([], []);
    assert.ok(!isMeasured(none.accuracy) && !isMeasured(none.sensitivity) && !isMeasured(none.kappa));
    const same = cohenKappa({ truePositive: 0, falsePositive: 0, trueNegative: 9, falseNegative: 0 });
    assert.ok(!isMeasured(same));
  });

  it('measures each rate over its own texts', () => {
    const { accuracy, sensitivity, specificity, n, unjudged } = agreement(verdicts, labels);
    assert.ok(isMeasured(accuracy) && isMeasured(sensitivity) && isMeasured(specificity));
    assert.deepEqual([accuracy.n, sensitivity.n, specificity.n, n, unjudged], [50, 25, 25, 50, 0]);
  });

  it('has a kappa of 1 where both agree on two answers, of 0 by chance, and less where they contradict', () => {
    const kappa = (tp: number, fp: number, tn: number, fn: number) =>
      cohenKappa({ truePositive: tp, falsePositive: fp, trueNegative: tn, falseNegative: fn });
    assert.equal(kappa(3, 0, 5, 0), 1);
    assert.equal(kappa(2, 2, 2, 2), 0);
    assert.equal(kappa(0, 4, 0, 4), -1);
    // 45 + 15 of 100 agree; (60 x 70 + 40 x 30) / 100^2 = 0.54 would by chance.
    const uneven = kappa(45, 15, 15, 25);
    assert.ok(typeof uneven === 'number' && Math.abs(uneven - (0.6 - 0.54) / (1 - 0.54)) < 1e-12);
    assert.deepEqual(kappa(0, 0, 0, 0), { unmeasured: 'there are no observations' });
  });
});
