import assert from 'node:assert/strict';
import { demoRecipe, initialParameters, trainModel } from '../../../scripts/demo/trainModel.ts';
import { modelConfig } from '../../../scripts/demo/modelConfig.ts';
import { defineModel } from '../../../server/engine/models/families/families.ts';

const definition = defineModel({ ...modelConfig(16), n_layer: 2, n_embd: 16, n_head: 2 }, 'test');
const recipe = { ...demoRecipe, steps: 150, batchSize: 4, warmupSteps: 5, learningRate: 1e-2 };

/** Counting up from any number: predictable but for the first token. */
const documents = Array.from({ length: 12 }, (_, i) => Array.from({ length: 8 }, (_, j) => (i + j) % 16));

async function losses(seed: number): Promise<number[]> {
  const seen: number[] = [];
  await trainModel(
    definition,
    documents,
    { ...recipe, seed },
    {
      threads: 1,
      onStep: (_, { loss }) => seen.push(loss),
    },
  );
  return seen;
}

describe('training the demo model', () => {
  it('starts as GPT-2 does: norms at 1, biases at 0, weights near 0 with the deviation of their kind', () => {
    const store = initialParameters(definition, 3);
    const deviation = (name: string): number => {
      const { data } = store.tensor(name, 'value');
      return Math.sqrt(data.reduce((sum, x) => sum + x * x, 0) / data.length);
    };
    assert.ok(store.tensor('transformer.h.0.ln_1.weight', 'value').data.every((x) => x === 1));
    assert.ok(store.tensor('transformer.h.1.mlp.c_fc.bias', 'value').data.every((x) => x === 0));
    assert.ok(Math.abs(deviation('transformer.h.0.mlp.c_fc.weight') - 0.02) < 0.002);
    assert.ok(Math.abs(deviation('transformer.h.0.mlp.c_proj.weight') - 0.01) < 0.001);
  });

  it('begins at the loss of a guess, learns, and repeats itself bit for bit', async () => {
    const first = await losses(1);
    assert.equal(first.length, recipe.steps);
    // A little above log 16: the head is tied, so a fresh model leans to repeating its token.
    assert.ok(Math.abs((first[0] ?? 0) - Math.log(16)) < 0.15, `${first[0]}`);
    assert.ok((first.at(-1) ?? 1) < 0.1, `${first.at(-1)}`);
    assert.deepEqual(await losses(1), first);
    assert.notDeepEqual(await losses(2), first);
  });
});
