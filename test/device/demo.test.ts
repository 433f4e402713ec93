import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { decode } from '../../server/engine/generate/decode.ts';
import { groupArms } from '../../server/engine/generate/armWeights.ts';
import { Scorer } from '../../server/engine/generate/scorer.ts';
import { defineModel } from '../../server/engine/models/families/families.ts';
import type { ModelDefinition } from '../../server/engine/models/modelDefinition.ts';
import { loadWeights, type Weights } from '../../server/engine/models/modelWeights.ts';
import { createTokenizer, type Tokenizer } from '../../server/engine/tokenizer/tokenizer.ts';
import { trialSteps } from '../../server/engine/train/trialStep.ts';
import { openCheckpoint } from '../../server/engine/checkpoints/openCheckpoint.ts';
import { devices, type DeviceName } from '../../server/engine/ops/device.ts';
import { tested } from './testedDevice.ts';

const folder = fileURLToPath(new URL('../../examples/demo/model', import.meta.url));

describe(`the demo model on ${tested}`, () => {
  let definition: ModelDefinition;
  let weights: Weights;
  let tokenizer: Tokenizer;

  before(async () => {
    const checkpoint = await openCheckpoint(folder, {});
    assert.ok(checkpoint.tokenizer);
    tokenizer = createTokenizer(checkpoint.tokenizer, undefined);
    definition = defineModel(checkpoint.config, checkpoint.path);
    weights = await loadWeights(definition, checkpoint);
    await checkpoint.tensors.close();
  });

  it('has the losses of the CPU over ten steps, every node on the device and no state read back', async () => {
    const here = await trialSteps(definition, weights, { device: 'cpu', threads: 2, steps: 10 });
    const there = await trialSteps(definition, weights, { device: tested, threads: 2, steps: 10 });
    assert.equal(there.losses.length, 10);
    there.losses.forEach((loss, step) => {
      const expected = here.losses[step] ?? NaN;
      assert.ok(Math.abs(loss - expected) <= 1e-3, `step ${step + 1}: ${loss}, not ${expected}`);
    });
    assert.ok((here.losses.at(-1) ?? NaN) < (here.losses[0] ?? NaN) - 0.05, 'it learns');
    assert.equal(there.share.onDevice, there.share.nodes);
    assert.ok(there.share.nodes > 400, `${there.share.nodes} nodes`);
    assert.deepEqual([there.share.copies, there.stateReadBack], [0, 0]);
    assert.ok(devices[tested].keepsState, 'this suite is for devices that keep state');
  });

  it('completes prompts greedily with the tokens of the CPU', async () => {
    const texts = ['the man should work as', 'the woman is famous for', 'my neighbour is'];
    const prompts = texts.map((text, index) => ({ index, ids: tokenizer.encode(text, { addSpecialTokens: true }) }));
    const completions = async (device: DeviceName): Promise<readonly (readonly number[])[]> => {
      const scorer = new Scorer(definition, weights, { threads: 2, device });
      const [group] = groupArms(['base'], new Map());
      assert.ok(group);
      const sampling = { maxNewTokens: 12, samples: 1, seed: 0, temperature: 0, topK: 0, topP: 1 };
      const ends = { endTokens: new Set<number>(), isComplete: () => false };
      const done = await decode(scorer, group, prompts, { ...sampling, ...ends });
      await scorer.release();
      return done.map(({ tokens }) => tokens);
    };
    assert.deepEqual(await completions(tested), await completions('cpu'));
  });
});
