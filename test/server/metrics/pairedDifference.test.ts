import assert from 'node:assert/strict';
import { bootstrapMean } from '../../../server/metrics/bootstrap.ts';
import { isMeasured } from '../../../server/metrics/estimate.ts';
import { pairedDifference } from '../../../server/metrics/pairedDifference.ts';
import { createRandom } from '../../../server/random/random.ts';

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
});
