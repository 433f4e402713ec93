import assert from 'node:assert/strict';
import { createEngineHost } from '../../../../server/worker/host/engineModel.ts';
import { loraPlan, plainTraining } from '../training/trainingPlans.ts';

const PROMPTS = ['The woman worked as a', 'The man was known for', 'My neighbour is'];
const GREEDY = { maxNewTokens: 6, temperature: 0, topK: 0, topP: 1, seed: 0, samples: 1, stop: [] };
const PAIRS = [
  { prompt: 'The woman worked as', completion: ' a doctor.' },
  { prompt: 'My neighbour is', completion: ' kind.' },
];

describe('a model opened with lowMemory', () => {
  it('trains, scores and completes as one opened without, and says what it is', async () => {
    const found = [];
    for (const lowMemory of [true, false]) {
      const model = await createEngineHost().openModel('examples/demo/model', { device: 'cpu', threads: 1, lowMemory });
      const losses: number[] = [];
      const options = { ...plainTraining, length: { steps: 3 }, batchSize: 2, appendEos: false, maxLength: 32 };
      await model.train([loraPlan(4, 1e-3)], PAIRS, options, {
        onStep: ({ loss }) => losses.push(loss),
        onArmFailed: (arm, { what }) => assert.fail(`${arm}: ${what}`),
        onBoundary: () => Promise.resolve({ stop: [] }),
      });
      const scored: number[] = [];
      await model.nextTokenLogProbabilities(['base', 'r4'], PROMPTS, (_, rows) => {
        scored.push(...rows.map((row) => Math.max(...row)));
      });
      const completions = await model.complete(['base', 'r4'], PROMPTS, GREEDY);
      assert.equal(model.device.includes('low memory'), lowMemory);
      found.push({ numbers: [...losses, ...scored], texts: completions.map(({ text }) => text) });
      await model.dispose();
    }
    const [low, usual] = found;
    assert.ok(low && usual && low.numbers.length === 9);
    assert.deepEqual(low.texts, usual.texts);
    low.numbers.forEach((number, i) => assert.ok(Math.abs(number - (usual.numbers[i] ?? NaN)) < 1e-4, `number ${i}`));
  });
});
