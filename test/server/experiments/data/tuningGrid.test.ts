import assert from 'node:assert/strict';
import { isOfGroup, isTuned, tuningGroups } from '../../../../server/experiments/data/tuningGrid.ts';
import { sweepArms } from '../../../../server/experiments/sweep/sweepArms.ts';
import { toxicitySweepSchema } from '../../../../server/protocol/sweep/toxicitySweep.ts';

const sweep = (arms: object) =>
  toxicitySweepSchema.parse({
    ...{ experiment: 'toxicity', model: 'm', data: { prompts: { file: 'p' }, pairs: { file: 'q' } } },
    arms: { seeds: [5, 3], ...arms },
  });
const groups = (arms: object) => {
  const own = sweep(arms);
  return tuningGroups(own, sweepArms(own)).map(({ method, rank, tried, grid }) => [method, rank, tried.id, ...grid]);
};

describe('which learning rates are tried for which arms', () => {
  it('is one grid for all ranks, tried on the middle one with the first seed, and one for full fine-tuning', () => {
    assert.deepEqual(groups({ ranks: [64, 2, 8], learningRate: 'tune' }), [
      ['lora', undefined, 'r8-s5', 1e-4, 3e-4, 1e-3, 3e-3, 1e-2],
      ['full', undefined, 'full-s5', 1e-5, 3e-5, 1e-4, 3e-4, 1e-3],
    ]);
  });

  it('takes the lower of two middle ranks', () => {
    assert.deepEqual(
      groups({ ranks: [2, 8, 32, 64], full: false, learningRate: 'tune' }).map(([, , arm]) => arm),
      ['r8-s5'],
    );
  });

  it('is a grid for each rank where the sweep says so, ascending and each rate once', () => {
    const learningRate = { tune: 'rank', lora: [3e-3, 1e-3, 3e-3, 1e-2], full: [1e-5, 1e-4, 1e-3] };
    assert.deepEqual(groups({ ranks: [8, 2], learningRate }), [
      ['lora', 2, 'r2-s5', 1e-3, 3e-3, 1e-2],
      ['lora', 8, 'r8-s5', 1e-3, 3e-3, 1e-2],
      ['full', undefined, 'full-s5', 1e-5, 1e-4, 1e-3],
    ]);
  });

  it('is none where the rates are given, and none for full where there is no such arm', () => {
    assert.deepEqual(groups({ ranks: [2], learningRate: { lora: 1e-4, full: 1e-5 } }), []);
    assert.deepEqual(
      groups({ ranks: [], learningRate: 'tune' }).map(([method]) => method),
      ['full'],
    );
    assert.ok(isTuned('tune') && !isTuned(1e-4) && !isTuned([1e-4]));
  });

  it('gives its rate to the arms of its method, or of its rank alone', () => {
    const [r2, r8, full] = ['r2-s5', 'r8-s5', 'full-s5'].map((id) => {
      const own = sweep({ ranks: [2, 8], learningRate: 'tune' });
      return sweepArms(own).find((plan) => plan.id === id) ?? assert.fail(id);
    });
    const all = [r2, r8, full].map((plan) => plan ?? assert.fail());
    const of = (group: Parameters<typeof isOfGroup>[1]) => all.map((plan) => isOfGroup(plan, group));
    assert.deepEqual(of({ method: 'lora' }), [true, true, false]);
    assert.deepEqual(of({ method: 'lora', rank: 8 }), [false, true, false]);
    assert.deepEqual(of({ method: 'full' }), [false, false, true]);
  });
});
