import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { sweepFileSchema, sweepJsonSchema } from '../../../../server/protocol/sweep/experiments.ts';
import { classificationSweepSchema } from '../../../../server/protocol/sweep/classificationSweep.ts';
import { toxicitySweepSchema, type ToxicitySweepFile } from '../../../../server/protocol/sweep/toxicitySweep.ts';

const smallest: ToxicitySweepFile = {
  experiment: 'toxicity',
  model: 'models/base',
  data: { prompts: { file: 'prompts.txt' }, pairs: { file: 'pairs.jsonl' } },
};

const faults = (file: unknown) =>
  (sweepFileSchema.safeParse(file).error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`);

describe('sweep file schema', () => {
  it("fills in the paper's arms, one alpha for all, and rates to be tuned", () => {
    const { arms, training, data } = toxicitySweepSchema.parse(smallest);
    assert.deepEqual(arms.ranks, [2, 4, 8, 16, 32, 64]);
    assert.ok(arms.full);
    assert.equal(arms.learningRate, 'tune');
    assert.deepEqual([arms.alpha, arms.scaling], [32, 'lora']);
    assert.deepEqual([training.batchSize, training.gradientAccumulation, training.patience], [8, 'auto', 3]);
    assert.deepEqual(data.heldOut, { fraction: 0.25, seed: 0 });
  });

  it('takes an adapter method beside the rule of scaling, and refuses a second name of the rule', () => {
    const arms = (given: ToxicitySweepFile['arms']) => toxicitySweepSchema.parse({ ...smallest, arms: given }).arms;
    const { method, scaling } = arms({});
    assert.deepEqual([method, scaling], ['lora', 'lora']);
    const both = arms({ method: 'dora', scaling: 'rslora' });
    assert.deepEqual([both.method, both.scaling], ['dora', 'rslora']);
    assert.deepEqual(faults({ ...smallest, arms: { method: 'rslora' } }), [
      'arms.method: "rslora" is a rule of scaling: give "scaling": "rslora", which goes with every method',
    ]);
    assert.match(faults({ ...smallest, arms: { method: 'pissa' } }).join(), /^arms\.method: .*"lora"\|"dora"/);
  });

  it('parses what it has parsed to the same', () => {
    const rates = ['tune', 1e-4, [1e-4, 1e-3], { lora: 1e-3, full: 1e-4 }, { tune: 'rank' }] as const;
    for (const learningRate of rates) {
      const given = { ...smallest, arms: { learningRate }, settings: 'paper' as const };
      const once = sweepFileSchema.parse(given);
      assert.deepEqual(sweepFileSchema.parse(JSON.parse(JSON.stringify(once))), once);
    }
  });

  it('takes a grid of its own for tuning, and tunes sweeps of every experiment that name no rate', () => {
    const tuned = toxicitySweepSchema.parse({ ...smallest, arms: { learningRate: { tune: 'rank', lora: [1, 2, 3] } } });
    assert.deepEqual(tuned.arms.learningRate, { tune: 'rank', lora: [1, 2, 3], full: [1e-5, 3e-5, 1e-4, 3e-4, 1e-3] });
    assert.match(
      faults({ ...smallest, arms: { learningRate: { tune: 'rank', lora: [1, 2] } } }).join(),
      /learningRate/,
    );
    const labelled = { experiment: 'classification', model: 'm', data: { train: { file: 'train.csv' } } };
    assert.equal(classificationSweepSchema.parse(labelled).arms.learningRate, 'tune');
    assert.equal(toxicitySweepSchema.parse(smallest).arms.learningRate, 'tune');
  });

  it('wants exactly one source of pairs', () => {
    const prompts = { file: 'prompts.txt' };
    const expected = ['data: give either "pairs" (a file) or "counterfactuals" (a generator model), and not both'];
    assert.deepEqual(faults({ ...smallest, data: { prompts } }), expected);
    assert.deepEqual(faults({ ...smallest, data: { ...smallest.data, counterfactuals: { model: 'm' } } }), expected);
  });

  it('refuses misspelt names and impossible values, each with its place', () => {
    assert.match(faults({ ...smallest, arms: { rank: [2] } }).join(), /arms: .*rank/);
    assert.match(faults({ ...smallest, arms: { ranks: [0] } }).join(), /arms\.ranks\.0/);
    assert.match(faults({ ...smallest, arms: { alpha: 'twice' } }).join(), /arms\.alpha/);
    assert.match(faults({ ...smallest, training: { epochs: 1, steps: 3 } }).join(), /not both/);
    assert.match(faults({ ...smallest, experiment: 'other' }).join(), /experiment/);
  });

  it('is what media/sweep.schema.json publishes', () => {
    const published: unknown = JSON.parse(readFileSync('media/sweep.schema.json', 'utf8'));
    assert.deepEqual(
      published,
      JSON.parse(JSON.stringify(sweepJsonSchema())),
      'rankscope schema > media/sweep.schema.json',
    );
  });
});
