import assert from 'node:assert/strict';
import type { Arm } from '../../../../server/engine/generate/armWeights.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { lensResultSchema } from '../../../../server/protocol/run/lens.ts';
import { readArmLens, likeliestTokens, tokenText } from '../../../../server/worker/host/readArmLens.ts';
import { readArmFolder } from '../../../../server/worker/host/readArmFolder.ts';
import { definitionOf, drawArm, logitsOf, openScorer, groupOf, VOCABULARY } from '../../engine/generate/randomModel.ts';
import { adapterFolder, folderOf, openTiny } from '../../engine/models/tinyModel.ts';
import { temporaryFolder } from '../../engine/weights/temporaryFolder.ts';

const tokens = {
  decode: (ids: readonly number[]) => ids.map((id) => `t${id}`).join(''),
  tokenText: (id: number) => `t${id}`,
};

describe('lensOf', () => {
  const scorer = openScorer('llama');
  const arms = new Map([['r2', drawArm(scorer.definition, 2, { seed: 1, targets: 'all-linear' })]]);
  const asked = { prompt: 'x', ids: [3, 14, 15] };
  after(() => scorer.release());

  it('gives five tokens, entropy and distance of each cell, in the order of the arms asked for', async () => {
    const lens = lensResultSchema.parse(await readArmLens({ scorer, arms, tokens }, ['r2', 'base'], asked));
    assert.deepEqual(
      lens.arms.map(({ arm }) => arm),
      ['r2', 'base'],
    );
    const [r2, base] = lens.arms;
    assert.deepEqual(r2!.tokens, ['t3', 't14', 't15']);
    assert.deepEqual([r2!.layers.length, r2!.layers[0]!.length], [3, 3]);
    assert.ok(base!.layers.flat().every(({ kl, top }) => kl === undefined && top.length === 5));
    assert.ok(
      r2!.layers[0]!.every(({ kl }) => kl! < 1e-9),
      'the embeddings are the same',
    );
    assert.ok(r2!.layers.at(-1)!.every(({ kl }) => kl! > 1e-3));
  });

  it("has in its last layer the probabilities of the model's own output", async () => {
    const lens = await readArmLens({ scorer, arms, tokens }, ['r2'], asked);
    const logits = (await logitsOf(scorer, groupOf(['r2'], arms), 0, asked.ids)).subarray(2 * VOCABULARY);
    const mass = logits.reduce((sum, x) => sum + Math.exp(x), 0);
    for (const { id, probability } of lens.arms[0]!.layers.at(-1)![2]!.top) {
      assert.ok(Math.abs(probability - Math.exp(logits[id]!) / mass) < 1e-5);
    }
  });

  it('has in its last layer the distance of the arm from the base, the base first', async () => {
    const lens = await readArmLens({ scorer, arms, tokens }, ['r2'], asked);
    const known = new Map<string, Arm>([['base', { kind: 'base' }], ...arms]);
    const logProbabilities = async (arm: string) => {
      const logits = [...(await logitsOf(scorer, groupOf([arm], known), 0, asked.ids)).subarray(2 * VOCABULARY)];
      const total = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0));
      return logits.map((x) => x - total);
    };
    const [base, r2] = [await logProbabilities('base'), await logProbabilities('r2')];
    const divergence = (p: readonly number[], q: readonly number[]) =>
      p.reduce((sum, logP, i) => sum + Math.exp(logP) * (logP - (q[i] ?? NaN)), 0);
    const { kl = NaN, entropy } = lens.arms[0]!.layers.at(-1)![2]!;
    assert.ok(Math.abs(kl - divergence(base, r2)) < 1e-4 * kl, `${kl}, not ${divergence(base, r2)}`);
    assert.ok(Math.abs(divergence(r2, base) - kl) > 1e-3 * kl, 'the direction matters');
    assert.ok(Math.abs(entropy + r2.reduce((sum, logP) => sum + Math.exp(logP) * logP, 0)) < 1e-5);
  });

  it('refuses a prompt that nobody could look at, and hears of a cancel', async () => {
    const isError = (code: string) => (error: unknown) => error instanceof RankscopeError && error.code === code;
    const long = { prompt: 'x', ids: Array.from({ length: 257 }, () => 1) };
    await assert.rejects(readArmLens({ scorer, arms, tokens }, ['base'], long), isError('data'));
    const cancelled = readArmLens({ scorer, arms, tokens }, ['base'], asked, AbortSignal.abort());
    await assert.rejects(cancelled, isError('cancelled'));
  });

  it('tells weights that are not finite from a result', async () => {
    const broken = drawArm(scorer.definition, 2, { seed: 1 });
    broken.store.tensor(broken.store.names[0]!, 'value').data[0] = NaN;
    const known = new Map([['bad', broken]]);
    await assert.rejects(
      readArmLens({ scorer, arms: known, tokens }, ['bad'], asked),
      /bad: a weight of \S+ is not finite/,
    );
  });
});

describe('likeliest', () => {
  it('is a sort by value, of equal values the smaller index first', () => {
    const row = Float32Array.from([1, 5, 3, 5, -Infinity, 3, 2]);
    assert.deepEqual(likeliestTokens(row, 5), [1, 3, 2, 5, 6]);
    assert.deepEqual(likeliestTokens(row, 1), [1]);
    assert.deepEqual(likeliestTokens(Float32Array.of(2, 1), 5), [0, 1]);
  });
});

describe('tokenText', () => {
  const spelled = (spelling: string | undefined, decoded: string) =>
    tokenText({ tokenText: () => spelling, decode: () => decoded }, 7);

  it('keeps spaces, and shows parts of characters as the vocabulary spells them', () => {
    assert.equal(spelled('Ġthe', ' the'), ' the');
    assert.equal(spelled('▁the', 'the'), ' the');
    assert.equal(spelled('ðŁ', '\uFFFD'), 'ðŁ');
    assert.equal(spelled('<s>', ''), '<s>');
    assert.equal(spelled(undefined, ''), '#7');
  });
});

describe('readArmFolder', () => {
  const folder = temporaryFolder();
  const none = { readInto: () => Promise.reject(new RangeError('The base model is not needed.')) };

  it('reads an adapter as a LoRA arm, and a whole model as a full arm with its weights', async () => {
    const { definition, weights } = await openTiny('llama');
    assert.equal((await readArmFolder(adapterFolder('llama', 'r2'), definition, none)).kind, 'lora');
    const full = await readArmFolder(folderOf('llama'), definition, none);
    assert.equal(full.kind, 'full');
    for (const name of full.store.names) {
      assert.deepEqual(full.store.tensor(name, 'value').data, weights.get(name)!.data, name);
    }
    assert.deepEqual(full.store.sections, ['value']);
  });

  it('names what does not fit the base', async () => {
    await assert.rejects(readArmFolder(folderOf('gpt2'), definitionOf('llama'), none), /model\.embed_tokens\.weight/);
  });

  it('says of an empty folder that there is no adapter', async () => {
    const { definition } = await openTiny('gpt2');
    await assert.rejects(readArmFolder(folder.path(''), definition, none), /adapter_config\.json/);
  });
});
