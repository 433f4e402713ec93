import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lora } from '../../../../server/engine/adapters/lora.ts';
import { loraScale } from '../../../../server/engine/adapters/loraArm.ts';
import { adapterNames } from '../../../../server/engine/adapters/adapterMethod.ts';
import type { Arm } from '../../../../server/engine/generate/armWeights.ts';
import { logSoftmax } from '../../../../server/engine/generate/logSoftmax.ts';
import { Scorer } from '../../../../server/engine/generate/scorer.ts';
import type { Weights } from '../../../../server/engine/models/modelWeights.ts';
import type { LoraArm } from '../../../../server/engine/adapters/loraArm.ts';
import {
  definitionOf,
  drawArm,
  drawWeights,
  groupOf,
  largestGap,
  logitsOf,
  MODELS,
  openScorer,
  VOCABULARY,
} from './randomModel.ts';

const sequences = [[7], [3, 14, 15, 9, 26], [5, 5, 0, 39, 1, 2, 38, 5, 33, 12, 8], [31, 4]];

/** The base weights with W + s B A in place of each target's W, in float64. */
function merged(weights: Weights, arm: LoraArm): Weights {
  const result = new Map(weights);
  for (const { name, inFeatures, outFeatures, layout } of arm.targets) {
    const weight = result.get(`${name}.weight`);
    assert.ok(weight);
    const data = weight.data.slice();
    const a = arm.store.tensor(adapterNames(name).a, 'value').data;
    const b = arm.store.tensor(adapterNames(name).b, 'value').data;
    for (let o = 0; o < outFeatures; o++) {
      for (let i = 0; i < inFeatures; i++) {
        let sum = 0;
        for (let r = 0; r < arm.rank; r++) sum += (b[o * arm.rank + r] ?? NaN) * (a[r * inFeatures + i] ?? NaN);
        const at = layout === 'out-in' ? o * inFeatures + i : i * outFeatures + o;
        data[at] = (data[at] ?? NaN) + loraScale(arm) * sum;
      }
    }
    result.set(`${name}.weight`, { ...weight, data });
  }
  return result;
}

for (const model of MODELS) {
  describe(`Scorer, ${model}`, () => {
    let scorer: Scorer;
    let arms: Map<string, Arm>;

    before(() => {
      scorer = openScorer(model);
      const targets = 'all-linear' as const;
      arms = new Map(
        [2, 3, 5].map(
          (rank) => [`r${rank}`, drawArm(scorer.definition, rank, { seed: rank, targets })] as [string, Arm],
        ),
      );
    });
    after(() => scorer.release());

    it('computes an adapter beside others as the model with that adapter merged into its weights', async () => {
      const group = groupOf(['base', 'r2', 'r3', 'r5'], arms);
      const batch = group.ids.flatMap((_, arm) => sequences.map((ids) => ({ arm, ids })));
      const logits = (await scorer.prefill(group, batch, ['logits'])).outputs.floats('logits');
      const alone = groupOf(['base'], new Map());
      const weights = drawWeights(scorer.definition, 5);
      for (const [arm, id] of group.ids.entries()) {
        const lora = arms.get(id);
        const other = openScorer(model, lora?.kind === 'lora' ? merged(weights, lora) : weights);
        const rows = sequences.map((ids) => ({ arm: 0, ids }));
        const expected = (await other.prefill(alone, rows, ['logits'])).outputs.floats('logits');
        const own = logits.subarray(arm * expected.length, (arm + 1) * expected.length);
        assert.ok(largestGap(own, expected) < 1e-4, `${id}: ${largestGap(own, expected)}`);
        await other.release();
      }
    });

    it('reads packed sequences of unequal length as each alone', async () => {
      const group = groupOf(['r2', 'r5'], arms);
      const batch = sequences.map((ids, i) => ({ arm: i % 2, ids }));
      const every = (ids: readonly number[]): number[] => ids.map((_, i) => i);
      const packed = (await scorer.prefill(group, batch, ['logits'], every)).outputs.floats('logits');
      let at = 0;
      for (const { arm, ids } of batch) {
        const alone = await logitsOf(scorer, group, arm, ids);
        const own = packed.subarray(at, (at += alone.length));
        assert.ok(largestGap(own, alone) < 1e-5, `${ids.length} tokens: ${largestGap(own, alone)}`);
      }
      assert.equal(at, packed.length);
    });

    it('reads what sequences begin with in common once an arm, and every position as in the sequence alone', async () => {
      const group = groupOf(['base', 'r2', 'r5'], arms);
      const start = [9, 4, 31, 2, 17, 8];
      const texts = [[...start, 3], [...start, 12, 5, 6], start, [...start.slice(0, 3), 7, 7], [...start, 12, 5], [30]];
      const batch = texts.flatMap((ids) => [0, 1, 2].map((arm) => ({ arm, ids })));
      const every = (ids: readonly number[]): number[] => ids.map((_, i) => i);
      const { outputs, rowsOf } = await scorer.prefill(group, batch, ['logits', 'k.1', 'v.0'], every);
      assert.equal(new Set(rowsOf.flat()).size, 3 * (6 + 1 + 3 + 2 + 1));
      assert.equal(outputs.floats('k.1').length % new Set(rowsOf.flat()).size, 0);
      const logits = outputs.floats('logits');
      let at = 0;
      for (const { arm, ids } of batch) {
        const alone = await logitsOf(scorer, group, arm, ids);
        const gap = largestGap(logits.subarray(at, (at += alone.length)), alone);
        assert.ok(gap < 1e-5, `arm ${arm}, ${ids.join()}: ${gap}`);
      }
      assert.equal(at, logits.length);
    });

    it('lets no position see a later one', async () => {
      const group = groupOf(['r2'], arms);
      const [whole] = sequences.slice(2);
      assert.ok(whole);
      const changed = [...whole.slice(0, -1), 17];
      const [a, b] = [await logitsOf(scorer, group, 0, whole), await logitsOf(scorer, group, 0, changed)];
      const before = (whole.length - 1) * VOCABULARY;
      assert.ok(largestGap(a.subarray(0, before), b.subarray(0, before)) < 1e-6);
      assert.ok(largestGap(a.subarray(before), b.subarray(before)) > 0.1);
    });

    it('sums the negative log-likelihood of the labels of each example, packed as alone', async () => {
      const group = groupOf(['base', 'r3'], arms);
      const examples = sequences.slice(1).flatMap((ids, i) => [
        { ids, firstLabel: i, arm: 0 },
        { ids, firstLabel: ids.length - 1, arm: 1 },
      ]);
      const losses = await scorer.losses(group, examples);
      for (const [i, example] of examples.entries()) {
        const [alone] = await scorer.losses(group, [example]);
        const logits = await logitsOf(scorer, group, example.arm, example.ids);
        const expected = example.ids
          .map((token, t) => ({ token, t }))
          .filter(({ t }) => t >= Math.max(1, example.firstLabel))
          .reduce((sum, { token, t }) => {
            const row = logSoftmax(logits.subarray((t - 1) * VOCABULARY, t * VOCABULARY));
            return sum - (row[token] ?? NaN);
          }, 0);
        assert.ok(largestGap([losses[i] ?? NaN, alone ?? NaN], [expected, expected]) < 1e-4, `example ${i}`);
      }
    });
  });
}

describe('Scorer', () => {
  it('compiles again what could not be compiled, and releases what could', async () => {
    let tries = 0;
    const folder = mkdtempSync(join(tmpdir(), 'rankscope-'));
    const weights = {
      folder,
      place: () => {
        if (++tries === 1) throw new RangeError('out of memory');
        return undefined;
      },
    };
    const scorer = new Scorer(definitionOf('gpt2'), weights, { threads: 1 });
    const group = { targets: [], method: lora, own: [], feeds: new Map<string, never>() };
    await assert.rejects(scorer.program('prefill', group), /out of memory/);
    assert.ok(await scorer.program('prefill', group));
    tries = 0;
    const failing = scorer.program('loss', group);
    await assert.rejects(Promise.all([failing, scorer.release()]), /out of memory/);
    rmSync(folder, { recursive: true });
  });
});

describe('Scorer with one program', () => {
  it('lets a program go before another is compiled, and gives what it gives with all', async () => {
    const definition = definitionOf('gpt2');
    const weights = drawWeights(definition, 5);
    const group = { ids: ['base'], targets: [], method: lora, own: [], masks: [], feeds: new Map<string, never>() };
    const logits = async (scorer: Scorer): Promise<readonly number[]> => {
      const { outputs } = await scorer.prefill(group, [{ arm: 0, ids: [3, 1, 4] }], ['logits']);
      return [...outputs.floats('logits')];
    };
    const [one, all] = [true, false].map((oneProgram) => new Scorer(definition, weights, { threads: 1, oneProgram }));
    assert.ok(one && all);
    for (const [scorer, stays] of [
      [one, false],
      [all, true],
    ] as const) {
      const prefill = await scorer.program('prefill', group);
      assert.equal(await scorer.program('prefill', group), prefill);
      await scorer.program('loss', group);
      assert.equal((await scorer.program('prefill', group)) === prefill, stays);
    }
    assert.deepEqual(await logits(one), await logits(all));
    for (const scorer of [one, all]) await scorer.release();
  });
});

describe('logSoftmax', () => {
  it('gives log-probabilities that sum to one, however large the logits', () => {
    const row = logSoftmax(Float32Array.of(1000, 1001, -3000));
    assert.ok(largestGap(row, [-Math.log1p(Math.E), -Math.log1p(1 / Math.E), -4001 - Math.log1p(1 / Math.E)]) < 1e-3);
    assert.ok(largestGap(row.subarray(0, 2), [-Math.log1p(Math.E), -Math.log1p(1 / Math.E)]) < 1e-6);
  });
});
