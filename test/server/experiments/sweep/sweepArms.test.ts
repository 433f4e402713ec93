import assert from 'node:assert/strict';
import { sweepArms } from '../../../../server/experiments/sweep/sweepArms.ts';
import { sweepFileSchema } from '../../../../server/protocol/experiments.ts';
import { checkedId } from '../../../../server/runs/runFolder.ts';

describe('the ids of arms', () => {
  it('name every rate and seed, and can be file names', () => {
    const sweep = sweepFileSchema.parse({
      ...{ experiment: 'toxicity', model: 'm', data: { prompts: { file: 'p' }, pairs: { file: 'q' } } },
      arms: { ranks: [2], full: true, seeds: [0, 1], learningRate: { lora: [5e-5, 1e10, 2.5e-300], full: [1, 1e21] } },
    });
    assert.ok(sweep.experiment === 'toxicity');
    const ids = sweepArms(sweep).map(({ id }) => id);
    assert.deepEqual(
      ids.filter((id) => id.includes('s1')),
      [...['r2-s1-lr5e-5', 'r2-s1-lr1e10', 'r2-s1-lr2.5e-300', 'full-s1-lr1e0', 'full-s1-lr1e21']],
    );
    for (const id of ids) assert.equal(checkedId(id), id);
    assert.equal(new Set(ids).size, ids.length);
  });
});
