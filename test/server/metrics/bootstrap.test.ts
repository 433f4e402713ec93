import assert from 'node:assert/strict';
import {
  bootstrapMean,
  bootstrapRatio,
  bootstrapStatistic,
  percentileInterval,
} from '../../../server/metrics/bootstrap.ts';
import { isMeasured } from '../../../server/protocol/estimate.ts';
import { createRandom } from '../../../server/random/random.ts';

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
});
