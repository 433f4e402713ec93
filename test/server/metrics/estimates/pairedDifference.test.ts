import assert from 'node:assert/strict';
import { bootstrapMean } from '../../../../server/metrics/estimates/bootstrap.ts';
import { isMeasured } from '../../../../server/protocol/run/estimate.ts';
import { pairedDifference } from '../../../../server/metrics/estimates/pairedDifference.ts';
import { createRandom } from '../../../../server/random/random.ts';

const seed = 4;

describe('pairedDifference', () => {
  it('is the mean of arm - reference over pairs with both sides', () => {
    const result = pairedDifference([1, 0, undefined, 1, 1], [0, 0, 1, undefined, 1], undefined, { seed });
    assert.ok(isMeasured(result));
    assert.equal(result.value, 1 / 3);
    assert.equal(result.n, 3);
  });

  it('is narrower than the difference of unpaired means, since what prompts share cancels', () => {
    const random = createRandom(9);
    const reference = Array.from({ length: 200 }, () => random.uniform());
    const arm = reference.map((value) => value + 0.1 + 0.02 * (random.uniform() - 0.5));
    const paired = pairedDifference(arm, reference, undefined, { seed });
    const alone = bootstrapMean(arm, undefined, { seed });
    assert.ok(isMeasured(paired) && isMeasured(alone));
    assert.ok(Math.abs(paired.value - 0.1) < 0.002);
    assert.ok(paired.high - paired.low < 0.1 * (alone.high - alone.low));
  });

  it('has no value without two pairs', () => {
    assert.ok(!isMeasured(pairedDifference([undefined, 1], [1, undefined], undefined, { seed })));
    assert.ok(!isMeasured(pairedDifference([1], [0], undefined, { seed })));
  });

  it('is not certain when all differences are equal, and the less so the fewer clusters there are', () => {
    const same = (n: number, difference: number, templates?: number, largest?: number) => {
      const clusters = templates === undefined ? undefined : Array.from({ length: n }, (_, i) => i % templates);
      const options = { seed, ...(largest !== undefined && { largest }) };
      const [arm, reference] = [new Array<number>(n).fill(difference), new Array<number>(n).fill(0)];
      const result = pairedDifference(arm, reference, clusters, options);
      assert.ok(isMeasured(result));
      return result;
    };
    // None of 4 templates differs: 1 - 0.025^(1/4) = 0.60237 of all might, by 1 either way.
    const none = same(12, 0, 4);
    assert.ok(Math.abs(none.high - 0.60236) < 1e-4 && Math.abs(none.low + 0.60236) < 1e-4);
    assert.deepEqual([none.value, none.n], [0, 12]);
    assert.ok(same(200, 0).high < 0.02);
    // Every template lost all: it cannot be less, and may be more.
    const all = same(12, -1, 4);
    assert.equal(all.low, -1);
    assert.ok(Math.abs(all.high - (-1 + 2 * 0.60236)) < 1e-3);
    assert.ok(Math.abs(same(12, 0, 4, 100).high - 60.236) < 1e-2);
    // One template is split into its prompts, as by the bootstrap.
    assert.deepEqual(same(12, 0, 1), same(12, 0));
  });

  it('of equal differences allows what the clusters cannot rule out, up to the largest there can be on either side', () => {
    const equal = (difference: number, clusters: readonly number[] | undefined, largest?: number) => {
      const zeros = new Array<number>(6).fill(0);
      const options = { seed, ...(largest !== undefined && { largest }) };
      const result = pairedDifference(
        zeros.map(() => difference),
        zeros,
        clusters,
        options,
      );
      assert.ok(isMeasured(result));
      return [result.low, result.high];
    };
    const close = (actual: readonly number[], expected: readonly number[]) =>
      actual.forEach((value, i) =>
        assert.ok(Math.abs(value - (expected[i] ?? NaN)) < 1e-12, `${value} is not ${expected[i]}`),
      );
    const share = (clusters: number) => 1 - 0.025 ** (1 / clusters);
    // Two clusters are two observations; one alone is split into its six.
    close(equal(0.25, [0, 0, 0, 1, 1, 1]), [0.25 - 1.25 * share(2), 0.25 + 0.75 * share(2)]);
    close(equal(0.25, [7, 7, 7, 7, 7, 7]), [0.25 - 1.25 * share(6), 0.25 + 0.75 * share(6)]);
    close(equal(0.25, undefined), [0.25 - 1.25 * share(6), 0.25 + 0.75 * share(6)]);
    close(equal(-40, undefined, 100), [-40 - 60 * share(6), -40 + 140 * share(6)]);
    // What is beyond the largest cannot go farther.
    close(equal(3, undefined), [3 - 4 * share(6), 3]);
    close(equal(-3, undefined), [-3, -3 + 4 * share(6)]);
  });

  it('keeps the cluster of each pair where pairs without both sides are left out', () => {
    const [arm, reference] = [
      [undefined, 1, 1, 0, 0, 1],
      [1, 0, 0, 0, 0, undefined],
    ];
    const of = (clusters: readonly string[]) => pairedDifference(arm, reference, clusters, { seed });
    // Clusters of means 1 and 0, and of 1/2 both.
    assert.deepEqual(of(['x', 'a', 'a', 'b', 'b', 'y']), { value: 0.5, low: 0, high: 1, n: 4 });
    assert.deepEqual(of(['x', 'a', 'b', 'a', 'b', 'y']), { value: 0.5, low: 0.5, high: 0.5, n: 4 });
  });
});
