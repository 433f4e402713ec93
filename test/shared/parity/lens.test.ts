import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LensResult } from '../../../server/protocol/run/lens.ts';
import { createEngineHost } from '../../../server/worker/host/engineModel.ts';
import { oracles, smollm2 } from './realModel.ts';

interface Oracle {
  readonly text: string;
  readonly ids: readonly number[];
  readonly arms: {
    readonly base: {
      readonly ids: readonly (readonly (readonly number[])[])[];
      readonly probabilities: readonly (readonly (readonly number[])[])[];
      readonly entropy: readonly (readonly number[])[];
    };
  };
}

/** Where PyTorch's two likeliest tokens are nearer than this, float32 may put the other first. */
const NO_TIE = 1e-4;

describe("SmolLM2's logit lens (RANKSCOPE_SMOLLM2) against PyTorch", () => {
  const oracle = JSON.parse(readFileSync(join(oracles, 'smollm2/lens.json'), 'utf8')) as Oracle;
  let lens: LensResult;
  let logits: Float32Array;

  before(async () => {
    const model = await createEngineHost().openModel(smollm2(), { device: 'cpu', threads: 2 });
    try {
      lens = await model.lens(['base'], oracle.text);
      ({ logits } = await model.logits('base', oracle.text));
    } finally {
      await model.dispose();
    }
  });

  it('has the tokens and probabilities of every layer and position', () => {
    const { base } = oracle.arms;
    const [arm] = lens.arms;
    assert.deepEqual([lens.arms.length, arm!.layers.length], [1, 31]);
    assert.equal(arm!.tokens.join(''), oracle.text);
    arm!.layers.forEach((cells, l) => {
      cells.forEach(({ top, entropy }, p) => {
        const where = `layer ${l}, position ${p}`;
        const expected = base.probabilities[l]![p]!;
        top.forEach(({ probability }, k) => assert.ok(Math.abs(probability - expected[k]!) < 1e-4, where));
        assert.ok(Math.abs(entropy - base.entropy[l]![p]!) < 1e-3, where);
        if (expected[0]! - expected[1]! > NO_TIE) assert.equal(top[0]!.id, base.ids[l]![p]![0], where);
      });
    });
  });

  it("ends in the model's own output", () => {
    const largest = logits.reduce((a, b) => Math.max(a, b), -Infinity);
    const mass = logits.reduce((sum, x) => sum + Math.exp(x - largest), 0);
    const last = lens.arms[0]!.layers.at(-1)!.at(-1)!;
    for (const { id, probability } of last.top) {
      assert.ok(Math.abs(probability - Math.exp(logits[id]! - largest) / mass) < 1e-5);
    }
  });
});
