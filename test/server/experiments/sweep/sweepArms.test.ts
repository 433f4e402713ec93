import assert from 'node:assert/strict';
import { sweepArms } from '../../../../server/experiments/sweep/sweepArms.ts';
import type { PlannedArm } from '../../../../server/experiments/ports/trainerPort.ts';
import { methodNotes } from '../../../../server/experiments/sweep/sweepNotes.ts';
import { sweepFileSchema } from '../../../../server/protocol/sweep/experiments.ts';
import { toxicitySweepSchema } from '../../../../server/protocol/sweep/toxicitySweep.ts';
import { checkedId } from '../../../../server/runs/runFolder.ts';

describe('arms of a sweep', () => {
  const armsOf = (arms: object): readonly PlannedArm[] =>
    sweepArms(
      toxicitySweepSchema.parse({
        ...{ experiment: 'toxicity', model: 'm', data: { prompts: { file: 'p' }, pairs: { file: 'q' } } },
        arms: { ranks: [2], learningRate: 1e-3, ...arms },
      }),
    );

  it('have the adapter method and the scale that the file names; full fine-tuning has neither', () => {
    const [rank, full] = armsOf({ method: 'dora', scaling: 'rslora', alpha: 7 });
    assert.deepEqual(rank, {
      ...{ id: 'r2', seed: 0, orderSeed: 0, learningRate: 1e-3, method: 'lora', rank: 2, alpha: 7 },
      ...{ adapter: 'dora', scaling: 'rslora', dropout: 0, targets: 'default' },
    });
    assert.deepEqual(full, { id: 'full', seed: 0, orderSeed: 0, learningRate: 1e-3, method: 'full' });
    assert.deepEqual(
      armsOf({}).map((plan) => plan.method === 'lora' && plan.adapter),
      ['lora', false],
    );
  });

  it('are said to be of DoRA in the notes of the run, where they are', () => {
    const notes = (method: 'lora' | 'dora') => {
      const sweep = toxicitySweepSchema.parse({
        ...{ experiment: 'toxicity', model: 'm', data: { prompts: { file: 'p' }, pairs: { file: 'q' } } },
        arms: { method },
      });
      return methodNotes(sweep);
    };
    assert.deepEqual(notes('lora'), []);
    assert.deepEqual(notes('dora'), [
      'The arms of low rank are of DoRA, which trains A, B and a magnitude of each output (arXiv 2402.09353).',
    ]);
  });
});

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
