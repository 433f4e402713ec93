import assert from 'node:assert/strict';
import type { Arm } from '../../../../server/engine/generate/armWeights.ts';
import { decode, type DecodeOptions } from '../../../../server/engine/generate/decode.ts';
import { bestToken } from '../../../../server/engine/generate/sampleToken.ts';
import { Scorer } from '../../../../server/engine/generate/scorer.ts';
import { openTiny, referenceOf, VARIANTS } from '../models/tinyModel.ts';
import { drawArm, groupOf, logitsOf } from './randomModel.ts';

const options: Omit<DecodeOptions, 'maxNewTokens'> = {
  temperature: 0,
  topK: 0,
  topP: 1,
  samples: 1,
  seed: 3,
  endTokens: new Set(),
  isComplete: () => false,
};

describe('decode, every family', () => {
  for (const variant of VARIANTS) {
    describe(variant, () => {
      let scorer: Scorer;
      const { sequences, greedy = [] } = referenceOf(variant);
      const prompts = sequences.map((ids, index) => ({ index, ids }));
      const longest = Math.max(...greedy.map(({ length }) => length));

      before(async () => {
        const { definition, weights } = await openTiny(variant);
        scorer = new Scorer(definition, weights, { threads: 1 });
      });
      after(() => scorer.release());

      it('writes the tokens that Transformers writes', async () => {
        assert.ok(greedy.every(({ length }) => length > 0));
        // Those that reach the model's last position get fewer.
        for (const { index, ids } of prompts) {
          const maxNewTokens = greedy[index]?.length ?? 0;
          const group = groupOf(['base'], new Map());
          const [completion] = await decode(scorer, group, [{ index, ids }], { ...options, maxNewTokens });
          assert.deepEqual(completion?.tokens, greedy[index], `prompt ${index}`);
        }
      });

      it('goes on as the whole sequence read anew would, with every arm of a batch', async () => {
        const drawn = (rank: number): Arm => drawArm(scorer.definition, rank, { seed: rank, targets: 'all-linear' });
        const group = groupOf(['base', 'r2', 'r3'], new Map([2, 3].map((rank) => [`r${rank}`, drawn(rank)])));
        const short = prompts.filter(({ index }) => greedy[index]?.length === longest);
        const { vocabularySize } = scorer.definition.config;
        const completions = await decode(scorer, group, short, { ...options, maxNewTokens: longest });
        for (const { arm, prompt, tokens } of completions) {
          const ids = sequences[prompt] ?? [];
          const read = await logitsOf(scorer, group, arm, [...ids, ...tokens]);
          tokens.forEach((token, i) => {
            const row = ids.length + i - 1;
            const best = bestToken(read.subarray(row * vocabularySize, (row + 1) * vocabularySize));
            assert.equal(token, best, `${group.ids[arm] ?? ''}, prompt ${prompt}, token ${i}`);
          });
        }
      });
    });
  }
});
