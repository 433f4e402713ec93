import assert from 'node:assert/strict';
import { groupArms, type Arm } from '../../../../server/engine/generate/armWeights.ts';
import { decode, type DecodeOptions, type DecodedCompletion } from '../../../../server/engine/generate/decode.ts';
import { bestToken } from '../../../../server/engine/generate/sampleToken.ts';
import type { Scorer } from '../../../../server/engine/generate/scorer.ts';
import { ParameterStore } from '../../../../server/engine/optimiser/parameterStore.ts';
import { definitionOf, drawArm, drawWeights, groupOf, logitsOf, MODELS, openScorer } from './randomModel.ts';

const greedy: DecodeOptions = {
  maxNewTokens: 10,
  temperature: 0,
  topK: 0,
  topP: 1,
  samples: 1,
  seed: 3,
  endTokens: new Set(),
  isComplete: () => false,
};
const sampled: DecodeOptions = { ...greedy, temperature: 0.9, topK: 20, topP: 0.95, samples: 3 };
const prompts = [[7], [3, 14, 15, 9, 26], [5, 5, 0, 39, 1, 2, 38, 5, 33, 12, 8], [31, 4]].map((ids, index) => ({
  index,
  ids,
}));

/** Completions of one arm by prompt and sample. */
const textOf = (completions: readonly DecodedCompletion[], arm: number): Record<string, readonly number[]> =>
  Object.fromEntries(
    completions.filter((c) => c.arm === arm).map(({ prompt, sample, tokens }) => [`${prompt}.${sample}`, tokens]),
  );

for (const model of MODELS) {
  describe(`decode, ${model}`, () => {
    let scorer: Scorer;
    let arms: Map<string, Arm>;

    before(() => {
      scorer = openScorer(model);
      arms = new Map(
        [2, 3, 5].map((rank) => [`r${rank}`, drawArm(scorer.definition, rank, { seed: rank })] as [string, Arm]),
      );
      arms.set('base', { kind: 'base' });
    });
    after(() => scorer.release());

    it('goes on as the whole sequence read anew would, with every arm', async () => {
      const group = groupOf(['base', 'r2', 'r3', 'r5'], arms);
      for (const { arm, prompt, tokens } of await decode(scorer, group, prompts, greedy)) {
        const ids = [...(prompts[prompt]?.ids ?? [])];
        const expected: number[] = [];
        for (let i = 0; i < greedy.maxNewTokens; i++) {
          const logits = await logitsOf(scorer, group, arm, [...ids, ...expected]);
          expected.push(bestToken(logits.subarray(logits.length - scorer.definition.config.vocabularySize)));
        }
        assert.deepEqual(tokens, expected, `${group.ids[arm] ?? ''}, prompt ${prompt}`);
      }
    });

    for (const [name, options] of Object.entries({ greedy, sampled })) {
      it(`gives arms decoded in one batch the tokens that each has alone, ${name}`, async () => {
        const together = groupOf(['base', 'r2', 'r3', 'r5'], arms);
        const all = await decode(scorer, together, prompts, options);
        assert.equal(all.length, 4 * prompts.length * options.samples);
        for (const [arm, id] of together.ids.entries()) {
          const alone = await decode(scorer, groupOf([id], arms), prompts, options);
          assert.deepEqual(textOf(all, arm), textOf(alone, 0), id);
        }
        const distinct = new Set(together.ids.map((_, arm) => JSON.stringify(textOf(all, arm))));
        assert.equal(distinct.size, 4);
      });

      it(`gives a prompt the tokens that it has alone, ${name}`, async () => {
        const group = groupOf(['r2', 'r3'], arms);
        const all = await decode(scorer, group, prompts, options);
        for (const prompt of prompts) {
          const alone = await decode(scorer, group, [prompt], options);
          assert.deepEqual(
            all.filter((c) => c.prompt === prompt.index),
            alone,
          );
        }
      });
    }

    it('gives samples that are decoded apart the tokens that they have together', async () => {
      const group = groupOf(['base', 'r2'], arms);
      const all = await decode(scorer, group, prompts, { ...sampled, samples: 5 });
      const parts = [
        await decode(scorer, group, prompts, { ...sampled, samples: 3 }),
        await decode(scorer, group, prompts, { ...sampled, samples: 2, firstSample: 3 }),
      ].flat();
      for (const arm of [0, 1]) assert.deepEqual(textOf(parts, arm), textOf(all, arm));
    });

    it('gives prompts with a common beginning, and equal ones, the tokens that each has alone', async () => {
      const group = groupOf(['base', 'r2', 'r3', 'r5'], arms);
      const start = [9, 4, 31, 2, 17];
      const like = [start, [...start, 8], start, [...start, 8, 3, 3], [9, 4]].map((ids, index) => ({ index, ids }));
      for (const options of [greedy, { ...sampled, samples: 8 }]) {
        const all = await decode(scorer, group, like, options);
        for (const prompt of like) {
          const own = all.filter((completion) => completion.prompt === prompt.index);
          assert.deepEqual(own, await decode(scorer, group, [prompt], options));
        }
      }
    });

    it('reads a prompt once an arm, however many completions it gets', async () => {
      const group = groupOf(['base', 'r2'], arms);
      const prompt = { index: 0, ids: [9, 4, 31] };
      const read: number[] = [];
      const watched = Object.create(scorer, {
        prefill: {
          value: (...asked: Parameters<Scorer['prefill']>) => {
            read.push(asked[1].reduce((sum, { ids }) => sum + ids.length, 0));
            return scorer.prefill(...asked);
          },
        },
      }) as Scorer;
      const completions = await decode(watched, group, [prompt], { ...sampled, samples: 8 });
      assert.equal(completions.length, 16);
      assert.deepEqual(read, [6]);
    });

    it('repeats sampled completions for a seed and draws others for another', async () => {
      const group = groupOf(['r2'], arms);
      const draw = (seed: number) => decode(scorer, group, prompts, { ...sampled, seed });
      assert.deepEqual(await draw(3), await draw(3));
      assert.notDeepEqual(await draw(3), await draw(4));
      const [first] = prompts;
      assert.ok(first);
      const samples = await decode(scorer, group, [first], sampled);
      assert.equal(new Set(samples.map(({ tokens }) => tokens.join())).size, 3);
    });

    it('ends a completion before an end token, and after what completes it, while others go on', async () => {
      const group = groupOf(['base', 'r5'], arms);
      const whole = await decode(scorer, group, prompts, greedy);
      const end = whole[1]?.tokens[3];
      assert.ok(end !== undefined);
      const cut = (tokens: readonly number[]): readonly number[] =>
        tokens.includes(end) ? tokens.slice(0, tokens.indexOf(end)) : tokens;
      const expected = whole.map((c) => ({ ...c, tokens: cut(c.tokens) }));
      assert.ok(new Set(expected.map(({ tokens }) => tokens.length)).size > 1);
      assert.deepEqual(await decode(scorer, group, prompts, { ...greedy, endTokens: new Set([end]) }), expected);
      const three = await decode(scorer, group, prompts, { ...greedy, isComplete: (tokens) => tokens.length === 3 });
      assert.deepEqual(
        three,
        whole.map((c) => ({ ...c, tokens: c.tokens.slice(0, 3) })),
      );
    });

    it('reads a fully trained arm with its own weights', async () => {
      const own = drawWeights(scorer.definition, 77);
      const stored = [...own].map(([name, { dims }]) => ({ name, shape: dims }));
      const store = new ParameterStore(stored);
      for (const [name, { data }] of own) store.tensor(name, 'value').data.set(data);
      const full = groupOf(['full'], new Map([['full', { kind: 'full', store } as const]]));
      const other = openScorer(model, own);
      try {
        const base = groupOf(['base'], new Map());
        assert.deepEqual(await decode(scorer, full, prompts, greedy), await decode(other, base, prompts, greedy));
      } finally {
        await other.release();
      }
    });
  });
}

describe('groupArms', () => {
  it('refuses an arm that it does not know, rather than compute the base in its stead', () => {
    assert.throws(() => groupArms(['base', 'r8'], new Map()), /no arm "r8"/);
  });

  it('puts arms of the same targets and the base together, others and full arms apart', () => {
    const definition = definitionOf('gpt2');
    const lora = (rank: number, targets?: 'all-linear'): Arm =>
      drawArm(definition, rank, { seed: rank, ...(targets && { targets }) });
    const full: Arm = { kind: 'full', store: new ParameterStore([{ name: 'w', shape: [2] }]) };
    const arms = new Map<string, Arm>([
      ['a', lora(2)],
      ['wide', lora(2, 'all-linear')],
      ['full', full],
      ['b', lora(4)],
    ]);
    const groups = groupArms(['a', 'base', 'wide', 'full', 'b'], arms);
    assert.deepEqual(
      groups.map(({ ids }) => ids),
      [['base', 'a', 'b'], ['wide'], ['full']],
    );
    const [first] = groups;
    assert.deepEqual(
      first?.masks.map((mask) => [...mask]),
      [
        [0, 0, 0, 0, 0, 0],
        [1.5, 1.5, 0, 0, 0, 0],
        [0, 0, 0.75, 0.75, 0.75, 0.75],
      ],
    );
  });
});
