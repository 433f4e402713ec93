import assert from 'node:assert/strict';
import type { Arm } from '../../server/engine/generate/armWeights.ts';
import { decode, type DecodeOptions } from '../../server/engine/generate/decode.ts';
import type { Scorer } from '../../server/engine/generate/scorer.ts';
import { transfers } from '../../server/engine/onnx/transfers.ts';
import { drawArm, groupOf, largestGap, logitsOf, MODELS, openScorer } from '../server/engine/generate/randomModel.ts';
import { tested } from './testedDevice.ts';

const greedy: DecodeOptions = {
  maxNewTokens: 8,
  temperature: 0,
  topK: 0,
  topP: 1,
  samples: 1,
  seed: 3,
  endTokens: new Set([3, 8, 13, 18, 23, 28, 33]),
  isComplete: () => false,
};
const sampled: DecodeOptions = { ...greedy, temperature: 0.9, topK: 20, topP: 0.95, samples: 2 };
const prompts = [[7], [3, 14, 15, 9, 26], [5, 5, 0, 39, 1, 2, 38, 5, 33, 12, 8]].map((ids, index) => ({ index, ids }));
const arms = ['base', 'r2', 'r5'];

for (const model of MODELS) {
  describe(`decoding on ${tested}, ${model}`, () => {
    let here: Scorer;
    let there: Scorer;
    let drawn: Map<string, Arm>;

    before(() => {
      [here, there] = [openScorer(model), openScorer(model, undefined, tested)];
      drawn = new Map<string, Arm>([2, 5].map((rank) => [`r${rank}`, drawArm(here.definition, rank, { seed: rank })]));
      drawn.set('base', { kind: 'base' });
    });
    after(async () => {
      await here.release();
      await there.release();
    });

    for (const [name, options] of Object.entries({ greedy, sampled })) {
      it(`gives base and adapters in one batch the tokens of the CPU, ${name}`, async () => {
        const group = groupOf(arms, drawn);
        const expected = await decode(here, group, prompts, options);
        // Greedy ones of a random model may all run on.
        if (name === 'sampled')
          assert.ok(new Set(expected.map(({ tokens }) => tokens.length)).size > 1, 'rows end at different times');
        assert.deepEqual(await decode(there, group, prompts, options), expected);
      });
    }

    it('gives the logits of the CPU', async () => {
      const group = groupOf(arms, drawn);
      for (const arm of arms.keys()) {
        const [mine, theirs] = [
          await logitsOf(here, group, arm, [5, 1, 9]),
          await logitsOf(there, group, arm, [5, 1, 9]),
        ];
        assert.ok(largestGap(mine, theirs) < 1e-4 * Math.max(...mine.map(Math.abs)));
      }
    });

    it('takes tokens out of a step and nothing of the cache', async () => {
      const group = groupOf(arms, drawn);
      const long = { ...greedy, endTokens: new Set<number>() };
      const before = transfers.count();
      const rows = (await decode(there, group, prompts, long)).length;
      const { stateOut, bytesOut } = transfers.count(before);
      const { vocabularySize } = there.definition.config;
      // Of the prompts the last logits, float32; of each further token its number, int64. Of both whether they are finite.
      const first = rows * (vocabularySize + 1) * 4;
      const further = (long.maxNewTokens - 1) * rows * (8 + 4);
      assert.deepEqual({ stateOut, bytesOut }, { stateOut: 0, bytesOut: first + further });
    });
  });
}
