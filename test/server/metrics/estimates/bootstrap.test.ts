import assert from 'node:assert/strict';
import {
  bootstrapMean,
  bootstrapRatio,
  bootstrapStatistic,
  percentileInterval,
  quantile,
} from '../../../../server/metrics/estimates/bootstrap.ts';
import { isMeasured } from '../../../../server/protocol/run/estimate.ts';
import { createRandom } from '../../../../server/random/random.ts';

const seed = 11;

describe('bootstrap', () => {
  it('says why there is no number of nothing, of one, or over 0', () => {
    assert.deepEqual(bootstrapMean([], undefined, { seed }), { unmeasured: 'there are no observations' });
    assert.deepEqual(bootstrapMean([3], undefined, { seed }), { unmeasured: 'one observation gives no interval' });
    const overZero = bootstrapRatio({ numerators: [1, 1], denominators: [0, 0] }, { seed });
    assert.deepEqual(overZero, { unmeasured: 'the denominator is 0' });
  });

  it('gives the ratio of sums, not the mean of ratios', () => {
    const estimate = bootstrapRatio({ numerators: [1, 9], denominators: [10, 10] }, { seed });
    assert.ok(isMeasured(estimate));
    assert.equal(estimate.value, 0.5);
    const uneven = bootstrapRatio({ numerators: [1, 9], denominators: [1, 99] }, { seed });
    assert.ok(isMeasured(uneven));
    assert.equal(uneven.value, 0.1);
  });

  it('is the same for the same seed and moves with another', () => {
    const values = Array.from({ length: 40 }, (_, i) => Math.sin(i));
    assert.deepEqual(bootstrapMean(values, undefined, { seed }), bootstrapMean(values, undefined, { seed }));
    assert.notDeepEqual(bootstrapMean(values, undefined, { seed }), bootstrapMean(values, undefined, { seed: 12 }));
  });

  it('has the width that theory gives for a mean: 2 x 1.96 sd / sqrt(n)', () => {
    const random = createRandom(3);
    const values = Array.from({ length: 400 }, () => random.uniform());
    const estimate = bootstrapMean(values, undefined, { seed, resamples: 4000 });
    assert.ok(isMeasured(estimate));
    const expected = (2 * 1.96 * Math.sqrt(1 / 12)) / 20;
    assert.ok(Math.abs((estimate.high - estimate.low) / expected - 1) < 0.1);
  });

  it('takes percentiles by linear interpolation', () => {
    assert.deepEqual(percentileInterval(Array.from({ length: 41 }, (_, i) => 40 - i)), [1, 39]);
  });

  it('covers the truth about 95 % of the time over clusters, where ignoring the clusters does not', () => {
    const random = createRandom(5);
    let clustered = 0;
    let ignored = 0;
    const rounds = 300;
    for (let round = 0; round < rounds; round++) {
      // 40 templates of 10 completions each; half of the spread is between templates. The truth is 0.4.
      const clusters: number[] = [];
      const toxic: number[] = [];
      for (let cluster = 0; cluster < 40; cluster++) {
        const rate = random.uniform() < 0.5 ? 0.1 : 0.7;
        for (let i = 0; i < 10; i++) {
          clusters.push(cluster);
          toxic.push(random.uniform() < rate ? 1 : 0);
        }
      }
      const covers = (estimate: ReturnType<typeof bootstrapMean>) =>
        isMeasured(estimate) && estimate.low <= 0.4 && 0.4 <= estimate.high;
      if (covers(bootstrapMean(toxic, clusters, { seed: round, resamples: 400 }))) clustered++;
      if (covers(bootstrapMean(toxic, undefined, { seed: round, resamples: 400 }))) ignored++;
    }
    assert.ok(clustered / rounds > 0.9 && clustered / rounds < 0.985, `clustered ${clustered / rounds}`);
    assert.ok(ignored / rounds < 0.8, `ignored ${ignored / rounds}`);
  });

  it('resamples any statistic by cluster, leaving out draws for which it does not exist', () => {
    const groups = ['a', 'a', 'b', 'b', 'c', 'c'];
    const values = [1, 1, 2, 2, 6, 6];
    const largest = (multiplicity: Uint32Array) => {
      const present = values.filter((_, i) => (multiplicity[i] ?? 0) > 0);
      return present.length === 2 ? undefined : Math.max(...present);
    };
    const estimate = bootstrapStatistic(groups, largest, { seed });
    assert.ok(isMeasured(estimate));
    assert.equal(estimate.value, 6);
    assert.equal(estimate.low, 2);
  });

  it('interpolates quantiles between neighbours, and has none of nothing', () => {
    const values = Float64Array.of(10, 20, 40);
    assert.deepEqual(
      [0, 0.25, 0.5, 0.75, 1].map((share) => quantile(values, share)),
      [10, 15, 20, 30, 40],
    );
    assert.ok(Number.isNaN(quantile(new Float64Array(0), 0.5)));
  });

  it('splits a single cluster into its observations, and counts observations, not clusters', () => {
    const values = [1, 2, 3, 4, 5, 6];
    const alone = bootstrapMean(values, ['a', 'a', 'a', 'a', 'a', 'a'], { seed });
    assert.deepEqual(alone, bootstrapMean(values, undefined, { seed }));
    const two = bootstrapMean(values, ['a', 'a', 'a', 'b', 'b', 'b'], { seed });
    assert.ok(isMeasured(two));
    // Clusters of means 2 and 5: a draw of two has the mean 2, 3.5 or 5.
    assert.deepEqual([two.value, two.low, two.high, two.n], [3.5, 2, 5, 6]);
  });

  it('is over two observations at least, and leaves out draws whose denominator is 0', () => {
    const two = bootstrapRatio({ numerators: [1, 3], denominators: [1, 1] }, { seed });
    assert.ok(isMeasured(two));
    assert.deepEqual([two.value, two.low, two.high, two.n], [2, 1, 3, 2]);
    const half = bootstrapRatio({ numerators: [0, 3], denominators: [0, 1] }, { seed });
    assert.ok(isMeasured(half));
    assert.deepEqual([half.low, half.high], [3, 3]);
  });

  it('draws 2,000 resamples unless it is asked for others', () => {
    let drawn = 0;
    const count = (multiplicity: Uint32Array) => ((drawn += 1), multiplicity[0]);
    bootstrapStatistic(['a', 'b'], count, { seed });
    assert.equal(drawn, 2001);
    bootstrapStatistic(['a', 'b'], count, { seed, resamples: 7 });
    assert.equal(drawn, 2001 + 8);
  });

  it('says why a statistic has no interval', () => {
    const none = () => undefined;
    assert.deepEqual(bootstrapStatistic([], none, { seed }), { unmeasured: 'there are no observations' });
    assert.deepEqual(
      bootstrapStatistic(['a'], () => 1, { seed }),
      { unmeasured: 'one observation gives no interval' },
    );
    assert.deepEqual(bootstrapStatistic(['a', 'b'], none, { seed }), {
      unmeasured: 'the statistic does not exist for these observations',
    });
    let calls = 0;
    assert.deepEqual(
      bootstrapStatistic(['a', 'b'], () => (calls++ === 0 ? 1 : undefined), { seed }),
      {
        unmeasured: 'the statistic does not exist for any resample',
      },
    );
  });
});
