import assert from 'node:assert/strict';
import { accuracyParity } from '../../../server/metrics/groups/accuracyParity.ts';
import { isMeasured } from '../../../server/protocol/run/estimate.ts';
import { harmfulBiasGap } from '../../../server/metrics/groups/harmfulBiasGap.ts';
import { worstGroupError } from '../../../server/metrics/groups/worstGroupError.ts';

const options = { seed: 2, resamples: 500 };

/** `right` correct answers and `wrong` wrong ones of a group. */
function answers(group: string, right: number, wrong: number) {
  const correct = [...new Array<boolean>(right).fill(true), ...new Array<boolean>(wrong).fill(false)];
  return { correct, groups: correct.map(() => group) };
}

const women = answers('women', 6, 4);
const men = answers('men', 9, 1);
const other = answers('unlisted', 0, 50);
const outcomes = {
  correct: [...women.correct, ...men.correct, ...other.correct],
  groups: [...women.groups, ...men.groups, ...other.groups],
  of: ['women', 'men'],
};

describe('group metrics', () => {
  it('accuracyParity is the largest difference in accuracy: 90 - 60 points', () => {
    const parity = accuracyParity(outcomes, options);
    assert.ok(isMeasured(parity));
    assert.ok(Math.abs(parity.value - 30) < 1e-9);
    assert.equal(parity.n, 20);
    assert.ok(parity.low >= 0 && parity.low < 30 && parity.high > 30);
  });

  it('worstGroupError is the error of the worst group: 40 points', () => {
    const worst = worstGroupError(outcomes, options);
    assert.ok(isMeasured(worst));
    assert.ok(Math.abs(worst.value - 40) < 1e-9);
  });

  it('a group without examples makes them undefined, and says which', () => {
    const missing = { ...outcomes, of: ['women', 'men', 'nonbinary'] };
    const reason = { unmeasured: 'no example belongs to nonbinary' };
    assert.deepEqual(accuracyParity(missing, options), reason);
    assert.deepEqual(worstGroupError(missing, options), reason);
  });

  it('claims no certainty where every group is all right or all wrong', () => {
    const [a, b] = [answers('a', 10, 0), answers('b', 0, 10)];
    const extreme = { correct: [...a.correct, ...b.correct], groups: [...a.groups, ...b.groups], of: ['a', 'b'] };
    const parity = accuracyParity(extreme, options);
    assert.ok(isMeasured(parity));
    // Wilson for 10 of 10: 72.2 to 100 %; for 0 of 10: 0 to 27.8 %.
    assert.deepEqual([parity.value, parity.low.toFixed(1), parity.high], [100, '44.5', 100]);
    const level = accuracyParity({ ...extreme, correct: extreme.correct.map(() => true) }, options);
    assert.ok(isMeasured(level));
    assert.deepEqual([level.value, level.low, level.high.toFixed(1)], [0, 0, '27.8']);
    const half = { ...extreme, correct: extreme.correct.map((_, i) => i % 2 === 0 && i < 10) };
    const worst = worstGroupError(half, options);
    assert.ok(isMeasured(worst));
    assert.deepEqual([worst.value, worst.low.toFixed(1), worst.high], [100, '72.2', 100]);
  });

  it('counts what several models say of one text as one observation', () => {
    const three = <T>(values: readonly T[]): T[] => [...values, ...values, ...values];
    const texts = [...women.correct, ...men.correct].map((_, i) => i);
    const stacked = {
      correct: three([...women.correct, ...men.correct]),
      groups: three([...women.groups, ...men.groups]),
      of: ['women', 'men'],
      clusters: three(texts),
    };
    const [alone, apart, together] = [outcomes, { ...stacked, clusters: undefined }, stacked].map((own) => {
      const parity = accuracyParity(own, options);
      assert.ok(isMeasured(parity));
      assert.ok(Math.abs(parity.value - 30) < 1e-9);
      return parity.high - parity.low;
    }) as [number, number, number];
    assert.ok(together > 0.8 * alone && apart < 0.8 * alone, `${alone}, ${apart}, ${together}`);
  });

  it('harmfulBiasGap is full minus low rank on the group, with its sign', () => {
    const groups = ['a', 'a', 'a', 'a', 'b', 'b'];
    const full = [true, true, true, false, false, false];
    const lowRank = [true, false, false, false, true, true];
    const sample = { full, lowRank, groups };
    const a = harmfulBiasGap(sample, 'a', options);
    const b = harmfulBiasGap(sample, 'b', options);
    assert.ok(isMeasured(a) && isMeasured(b));
    assert.deepEqual([a.value, a.n], [50, 4]);
    assert.equal(b.value, -100);
    assert.deepEqual(harmfulBiasGap(sample, 'c', options), { unmeasured: 'no example belongs to c' });
  });

  it('claims no certainty of more groups than it can try, and allows what all may share', () => {
    const of = (count: number) => Array.from({ length: count }, (_, i) => `g${i}`);
    const sure = (count: number) =>
      accuracyParity(
        { correct: of(count).flatMap(() => [true, true]), groups: of(count).flatMap((g) => [g, g]), of: of(count) },
        options,
      );
    assert.ok(isMeasured(sure(12)));
    assert.deepEqual(sure(13), { unmeasured: 'no resample of the 13 groups differs' });
  });

  it('counts the texts of a group in the interval of what is certain, not the models that judged them', () => {
    const stacked = (times: number) => {
      const copies = <T>(values: readonly T[]): T[] => new Array(times).fill(values).flat() as T[];
      const groups = copies(['a', 'a', 'b', 'b']);
      const parity = accuracyParity(
        { correct: groups.map(() => true), groups, of: ['a', 'b'], clusters: copies([0, 1, 2, 3]) },
        options,
      );
      assert.ok(isMeasured(parity));
      return [parity.low, parity.high];
    };
    assert.deepEqual(stacked(3), stacked(1));
  });

  it('counts each group once, however often it is named', () => {
    assert.deepEqual(
      accuracyParity({ ...outcomes, of: ['women', 'men', 'women'] }, options),
      accuracyParity(outcomes, options),
    );
    assert.deepEqual(accuracyParity({ ...outcomes, of: [] }, options), { unmeasured: 'there are no groups' });
  });

  it('harmfulBiasGap draws whole clusters', () => {
    const full = [true, true, true, true, false, true];
    const lowRank = [false, false, true, true, false, true];
    const groups = full.map(() => 'a');
    const gap = (clusters?: readonly string[]) => {
      const found = harmfulBiasGap({ full, lowRank, groups, ...(clusters && { clusters }) }, 'a', options);
      assert.ok(isMeasured(found));
      return found;
    };
    const clustered = gap(['x', 'x', 'y', 'y', 'z', 'z']);
    assert.ok(Math.abs(clustered.value - 100 / 3) < 1e-9);
    assert.deepEqual([clustered.low, clustered.high], [0, 100]);
    assert.ok(gap().high < 100);
  });
});
