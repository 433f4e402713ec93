import assert from 'node:assert/strict';
import { alphaOf, firstStepSize, mixesRankAndSize } from '../../../../server/experiments/sweep/armScale.ts';

const ranks = [2, 8, 64];

describe('the size of first steps', () => {
  it('is of one alpha the same at every rank, and grows with the rank where alpha does', () => {
    const sizes = (alpha: number | string, scaling: 'lora' | 'rslora' = 'lora') =>
      ranks.map((rank) => firstStepSize({ alpha, scaling, ranks }, rank));
    assert.deepEqual(sizes(32), [32, 32, 32]);
    assert.deepEqual(sizes('2r'), [4, 16, 128]);
    assert.deepEqual(sizes('rank'), [2, 8, 64]);
    // alpha / sqrt(r) of one alpha: with the root of the rank.
    assert.ok(Math.abs(sizes(32, 'rslora')[1]! - 32 * Math.sqrt(8)) < 1e-9);
    assert.equal(alphaOf('1.5r', 8), 12);
  });

  it('is mixed with the rank by every rule but one alpha for all with alpha / r', () => {
    assert.ok(!mixesRankAndSize({ alpha: 32, scaling: 'lora', ranks }));
    assert.ok(mixesRankAndSize({ alpha: '2r', scaling: 'lora', ranks }));
    assert.ok(mixesRankAndSize({ alpha: 32, scaling: 'rslora', ranks }));
    assert.ok(!mixesRankAndSize({ alpha: '2r', scaling: 'lora', ranks: [8] }));
  });
});
