import assert from 'node:assert/strict';
import { createEngineHost } from '../../../../server/worker/host/engineModel.ts';
import { yieldBetweenTokens } from '../../../../server/worker/host/yieldBetweenTokens.ts';
import type { Completion } from '../../../../server/experiments/ports/modelPort.ts';

/** As many new tokens as the demo model has positions for. */
const options = { maxNewTokens: 60, temperature: 1, topK: 0, topP: 1, seed: 0, samples: 1, stop: [] };

describe('while decoding', () => {
  it('tells what grows a few times a second, and ends when it is cancelled', async () => {
    const controller = new AbortController();
    const told: number[] = [];
    let time = 0;
    const onToken = yieldBetweenTokens(
      controller.signal,
      (rows) => told.push(rows.length),
      () => time,
    );
    time = 99;
    await onToken([]);
    assert.deepEqual(told, []);
    time = 100;
    await onToken([{ arm: 0, prompt: 0, sample: 0, tokens: [1] }]);
    await onToken([]);
    assert.deepEqual(told, [1]);
    controller.abort();
    await onToken([]);
    time = 200;
    await assert.rejects(onToken([]), { code: 'cancelled' });
  });

  it('is heard between the tokens of a model: completions grow, and a cancelled one ends early', async () => {
    const model = await createEngineHost().openModel('examples/demo/model', { device: 'cpu', threads: 1 });
    try {
      const prompts = Array.from({ length: 120 }, () => 'The woman');
      const grown: Completion[][] = [];
      const controller = new AbortController();
      const onGrowth = (growing: readonly Completion[]): void => {
        grown.push([...growing]);
        if (grown.length === 2) setImmediate(() => controller.abort());
      };
      const work = model.complete(['base'], prompts, { ...options, onGrowth }, undefined, controller.signal);
      await assert.rejects(work, { code: 'cancelled' });
      const [first, second] = grown.map((growing) => growing[0]?.tokens.length ?? 0);
      assert.ok((first ?? 0) > 0 && (second ?? 0) >= (first ?? 0));
      assert.equal(grown.at(0)?.length, 120);
      assert.equal(grown.at(0)?.at(0)?.arm, 'base');
    } finally {
      await model.dispose();
    }
  });
});
