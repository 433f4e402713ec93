import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readPeftFolder } from '../../../../server/engine/adapters/peftFolder.ts';
import { groupArms, type Arm } from '../../../../server/engine/generate/armWeights.ts';
import { readLens } from '../../../../server/engine/generate/lens.ts';
import { logSoftmax } from '../../../../server/engine/generate/logSoftmax.ts';
import { Scorer } from '../../../../server/engine/generate/scorer.ts';
import { ParameterStore } from '../../../../server/engine/optimiser/parameterStore.ts';
import { adapterFolder, openTiny, type Variant } from '../models/tinyModel.ts';
import { drawArm, drawWeights, largestGap, logitsOf, MODELS, openScorer, VOCABULARY } from './randomModel.ts';

/** `[layer][position]` of everything. */
interface LensTable {
  readonly ids: readonly (readonly (readonly number[])[])[];
  readonly probabilities: readonly (readonly (readonly number[])[])[];
  readonly entropy: readonly (readonly number[])[];
  readonly kl?: readonly (readonly number[])[];
}
interface Oracle {
  readonly ids: readonly number[];
  readonly models: Readonly<Record<string, Readonly<Record<string, LensTable>>>>;
}
const oracle = JSON.parse(readFileSync(new URL('../../../oracles/lens.json', import.meta.url), 'utf8')) as Oracle;

/** Every row of a lens, `[arm][layer][position]`. */
async function lensOf(
  scorer: Scorer,
  arms: readonly string[],
  known: ReadonlyMap<string, Arm>,
  ids: readonly number[],
) {
  const rows = arms.map((): Float32Array[][] => []);
  await readLens(scorer, groupArms(arms, known), { arms, ids }, ({ layer, position }, ofArms) => {
    ofArms.forEach((row, arm) => ((rows[arm]![layer] ??= [])[position] = row));
  });
  return rows;
}

const entropyOf = (row: Float32Array): number => row.reduce((sum, x) => sum - Math.exp(x) * x, 0);
const klOf = (base: Float32Array, row: Float32Array): number =>
  base.reduce((sum, x, i) => sum + Math.exp(x) * (x - row[i]!), 0);

describe('readLens', () => {
  for (const [variant, arms] of Object.entries(oracle.models)) {
    it(`gives PyTorch's lens of ${variant}, its arms ${Object.keys(arms).join(', ')} in one batch`, async () => {
      const { definition, weights } = await openTiny(variant as Variant);
      const scorer = new Scorer(definition, weights, { threads: 1 });
      const known = new Map<string, Arm>();
      for (const arm of Object.keys(arms).filter((id) => id !== 'base')) {
        known.set(
          arm,
          await readPeftFolder(adapterFolder(variant as Variant, arm.replace(`${variant}-`, '')), definition),
        );
      }
      const ids = Object.keys(arms);
      const rows = await lensOf(scorer, ids, known, oracle.ids);
      await scorer.release();
      for (const [a, arm] of ids.entries()) {
        const expected = arms[arm]!;
        assert.equal(rows[a]!.length, expected.ids.length, 'layers');
        for (const [l, layer] of rows[a]!.entries()) {
          for (const [p, row] of layer.entries()) {
            const where = `${arm}, layer ${l}, position ${p}`;
            const best = expected.ids[l]![p]!;
            const probabilities = best.map((id) => Math.exp(row[id]!));
            assert.ok(largestGap(probabilities, expected.probabilities[l]![p]!) < 1e-4, where);
            assert.ok(
              row.every((x) => x <= row[best[0]!]! + 1e-5),
              where,
            );
            assert.ok(Math.abs(entropyOf(row) - expected.entropy[l]![p]!) < 1e-4, where);
            if (!expected.kl) continue;
            assert.ok(Math.abs(klOf(rows[0]![l]![p]!, row) - expected.kl[l]![p]!) < 1e-4, where);
          }
        }
      }
    });
  }

  it('takes rows through adapters on a projection before the head', async () => {
    const { definition, weights } = await openTiny('opt-post-norm-projected');
    const scorer = new Scorer(definition, weights, { threads: 1 });
    const known = new Map<string, Arm>([['r2', drawArm(definition, 2, { seed: 1, targets: 'all-linear' })]]);
    assert.ok(known.get('r2')!.kind === 'lora');
    const rows = await lensOf(scorer, ['base', 'r2'], known, oracle.ids);
    const [group] = groupArms(['base', 'r2'], known);
    const { vocabularySize } = definition.config;
    for (const arm of [0, 1]) {
      const logits = await logitsOf(scorer, group!, arm, oracle.ids);
      for (const p of oracle.ids.keys()) {
        const expected = logSoftmax(logits.subarray(p * vocabularySize, (p + 1) * vocabularySize));
        assert.ok(largestGap(rows[arm]!.at(-1)![p]!, expected) < 1e-5, `arm ${arm}, position ${p}`);
      }
    }
    // The embeddings go through the projection, so that even they differ.
    assert.ok(largestGap(rows[0]![0]![0]!, rows[1]![0]![0]!) > 1e-3);
    await scorer.release();
  });

  for (const model of MODELS) {
    describe(model, () => {
      let scorer: Scorer;
      const ids = [3, 14, 15, 9, 26];
      before(() => {
        scorer = openScorer(model);
      });
      after(() => scorer.release());

      /** The base, two adapters on the same modules, one on others, and a full arm with weights of its own. */
      const armsOf = (): ReadonlyMap<string, Arm> => {
        const { definition } = scorer;
        const other = drawWeights(definition, 11);
        const names = [...other.keys()].filter((name) => !name.startsWith('rope.'));
        const store = new ParameterStore(names.map((name) => ({ name, shape: other.get(name)!.dims })));
        for (const name of names) store.tensor(name, 'value').data.set(other.get(name)!.data);
        return new Map<string, Arm>([
          ['r2', drawArm(definition, 2, { seed: 1, targets: 'all-linear' })],
          ['r5', drawArm(definition, 5, { seed: 2, targets: 'all-linear' })],
          ['few', drawArm(definition, 3, { seed: 3 })],
          ['full', { kind: 'full', store }],
        ]);
      };

      it("ends, for every kind of arm, in the model's own output", async () => {
        const known = armsOf();
        const arms = ['base', 'r2', 'full', 'few', 'r5'];
        const rows = await lensOf(scorer, arms, known, ids);
        for (const group of groupArms(arms, known)) {
          for (const [arm, id] of group.ids.entries()) {
            const logits = await logitsOf(scorer, group, arm, ids);
            for (const p of ids.keys()) {
              const expected = logSoftmax(logits.subarray(p * VOCABULARY, (p + 1) * VOCABULARY));
              const gap = largestGap(rows[arms.indexOf(id)]!.at(-1)![p]!, expected);
              assert.ok(gap < 1e-5, `${id}, position ${p}: ${gap}`);
            }
          }
        }
      });

      it('begins the same for the base and every adapter, since the embeddings are', async () => {
        const rows = await lensOf(scorer, ['base', 'r2', 'full'], armsOf(), ids);
        for (const p of ids.keys()) {
          assert.ok(largestGap(rows[0]![0]![p]!, rows[1]![0]![p]!) < 1e-6);
          assert.ok(largestGap(rows[0]![0]![p]!, rows[2]![0]![p]!) > 1e-2);
        }
      });

      it('reads a prompt of more rows than fit at a time as it reads its beginning', async () => {
        const long = Array.from({ length: 40 }, (_, i) => (7 * i) % VOCABULARY);
        const arms = ['base', 'r2', 'r5', 'few'];
        const [whole, start] = [
          await lensOf(scorer, arms, armsOf(), long),
          await lensOf(scorer, arms, armsOf(), long.slice(0, 3)),
        ];
        for (const a of arms.keys()) {
          for (const l of start[a]!.keys()) {
            assert.equal(whole[a]![l]!.length, 40);
            for (const p of [0, 1, 2]) assert.ok(largestGap(whole[a]![l]![p]!, start[a]![l]![p]!) < 1e-5);
          }
        }
      });
    });
  }
});
