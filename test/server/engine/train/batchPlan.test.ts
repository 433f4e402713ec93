import assert from 'node:assert/strict';
import { BatchPlan, type BatchPlanOptions } from '../../../../server/engine/train/batchPlan.ts';

const base: BatchPlanOptions = {
  examples: 10,
  batchSize: 3,
  accumulation: 2,
  length: { epochs: 2 },
  shuffle: true,
  seed: 5,
};
const all = (plan: BatchPlan): number[][] =>
  Array.from({ length: plan.steps }, (_, i) =>
    plan
      .step(i + 1)
      .flat()
      .slice(),
  );

describe('BatchPlan', () => {
  it('takes file order, wrapping round, when it does not shuffle', () => {
    const plan = new BatchPlan({ ...base, shuffle: false, length: { steps: 3 } });
    assert.equal(plan.steps, 3);
    assert.deepEqual(plan.step(1), [
      [0, 1, 2],
      [3, 4, 5],
    ]);
    assert.deepEqual(plan.step(2), [
      [6, 7, 8],
      [9, 0, 1],
    ]);
    assert.deepEqual(plan.step(3), [
      [2, 3, 4],
      [5, 6, 7],
    ]);
  });

  it('shows every example once an epoch, in another order each', () => {
    const plan = new BatchPlan(base);
    const seen = all(plan).flat();
    const epochs = [seen.slice(0, 10), seen.slice(10)];
    for (const epoch of epochs)
      assert.deepEqual(
        epoch.toSorted((a, b) => a - b),
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      );
    assert.notDeepEqual(epochs[0], epochs[1]);
  });

  it('ends with a smaller step where the data run out', () => {
    const plan = new BatchPlan(base);
    assert.equal(plan.steps, 4);
    assert.deepEqual(
      plan.step(4).map((micro) => micro.length),
      [2],
    );
    assert.equal(all(plan).flat().length, 20);
  });

  it('gives the same for one seed in whatever order it is asked, and another order for another seed', () => {
    const forwards = all(new BatchPlan(base));
    const plan = new BatchPlan(base);
    const backwards = [4, 3, 2, 1].map((step) => plan.step(step).flat()).toReversed();
    assert.deepEqual(backwards, forwards);
    assert.notDeepEqual(all(new BatchPlan({ ...base, seed: 6 })), forwards);
  });
});
