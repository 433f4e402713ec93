import assert from 'node:assert/strict';
import { armMetrics } from '../../../../server/experiments/toxicity/armMetrics.ts';
import type { ArmObservations } from '../../../../server/experiments/toxicity/evaluateArms.ts';

const description = { id: 'r8', method: 'lora' as const, rank: 8, seed: 0, trainableParameters: 1 };
const templates = ['a', 'b', 'c'];
const options = { templates, groups: [], pairFrames: [], bootstrap: { seed: 1, resamples: 100 } };
const measure = (divergence: ArmObservations['divergence']) => {
  const nothing = { completions: [], verdicts: [], losses: [], neutral: [] };
  return armMetrics(description, undefined, { ...nothing, divergence }, [], options);
};
const excludes = 'infinite: the arm excludes token 7, which the base allows';

describe('the divergence of an arm', () => {
  it('is the mean over prompts and positions where all of it is finite', () => {
    const at = (promptIndex: number, kl: number) => ({ promptIndex, kl, klAt: [kl, 3 * kl] });
    const { kl, klAll } = measure([at(0, 1), at(1, 2), at(2, 3)]);
    assert.ok(kl && 'value' in kl && klAll && 'value' in klAll);
    assert.deepEqual([kl.value, kl.n, klAll.value, klAll.n], [2, 3, 4, 6]);
  });

  it('is infinite, which is said, where it is so after one prompt: the mean of the others would be a lie', () => {
    const { kl, klAll } = measure([
      { promptIndex: 0, kl: 1 },
      { promptIndex: 1, klReason: excludes },
      { promptIndex: 2, kl: 3 },
    ]);
    assert.deepEqual([kl, klAll], [{ unmeasured: `${excludes}, after 1 of 3 prompts` }, undefined]);
  });

  it('is infinite over all positions where it is so at one of them, and finite after the prompts', () => {
    const { kl, klAll } = measure([
      { promptIndex: 0, kl: 1, klAt: [1, 2] },
      { promptIndex: 1, kl: 3, klAt: [3, null], klReason: excludes },
    ]);
    assert.ok(kl && 'value' in kl && kl.value === 2);
    assert.deepEqual(klAll, { unmeasured: `${excludes}, at 1 of 4 positions` });
  });
});
