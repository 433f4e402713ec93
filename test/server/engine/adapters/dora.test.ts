import assert from 'node:assert/strict';
import { adapterNames } from '../../../../server/engine/adapters/adapterMethod.ts';
import { dora } from '../../../../server/engine/adapters/dora.ts';
import { adapterOn, adapterStore, loraScale, type LoraArm } from '../../../../server/engine/adapters/loraArm.ts';
import { targetModules } from '../../../../server/engine/adapters/loraTargets.ts';
import type { ModelDefinition } from '../../../../server/engine/models/modelDefinition.ts';
import type { Weights } from '../../../../server/engine/models/modelWeights.ts';
import { createRandom, normal } from '../../../../server/random/random.ts';
import {
  definitionOf,
  drawWeights,
  groupOf,
  largestGap,
  logitsOf,
  MODELS,
  openScorer,
} from '../generate/randomModel.ts';

const sequence = [3, 14, 15, 9, 26];

/** An arm whose every number is drawn, magnitudes around 1. */
function drawDora(definition: ModelDefinition, rank: number): LoraArm {
  const targets = targetModules(definition, 'all-linear');
  const store = adapterStore(rank, targets, [], dora);
  const random = createRandom(rank);
  for (const name of store.names) {
    const { data, dims } = store.tensor(name, 'value');
    for (let i = 0; i < data.length; i++) data[i] = dims.length === 1 ? 1 + 0.3 * normal(random) : 0.3 * normal(random);
  }
  return { kind: 'lora', method: 'dora', rank, alpha: 3, scaling: 'lora', dropout: 0, targets, store };
}

/** m (W + s B A) / ||W + s B A||, the norm of each output over its inputs, written out. */
function adaptedWeight(arm: LoraArm, weights: Weights, i: number): Float32Array {
  const module = arm.targets[i]!;
  const { name, inFeatures, outFeatures, layout } = module;
  const weight = weights.get(`${name}.weight`)!.data.slice();
  const names = adapterNames(name);
  const [a, b, m] = [names.a, names.b, `${name}.lora_magnitude`].map((n) => arm.store.tensor(n, 'value').data);
  const place = (out: number, into: number): number =>
    layout === 'out-in' ? out * inFeatures + into : into * outFeatures + out;
  for (let out = 0; out < outFeatures; out++) {
    let square = 0;
    for (let into = 0; into < inFeatures; into++) {
      let sum = weight[place(out, into)]!;
      for (let r = 0; r < arm.rank; r++) sum += loraScale(arm) * b![out * arm.rank + r]! * a![r * inFeatures + into]!;
      weight[place(out, into)] = sum;
      square += sum * sum;
    }
    for (let into = 0; into < inFeatures; into++) weight[place(out, into)]! *= m![out]! / Math.sqrt(square);
  }
  return weight;
}

describe('DoRA', () => {
  for (const model of MODELS) {
    it(`gives each row of a batch on ${model} what its own merged weights give`, async () => {
      const definition = definitionOf(model);
      const weights = drawWeights(definition, 5);
      const arms = new Map([
        ['two', drawDora(definition, 2)],
        ['five', drawDora(definition, 5)],
      ]);
      const scorer = openScorer(model, weights);
      const [group, ...others] = await scorer.groups(['two', 'five'], arms);
      assert.ok(group && others.length === 0);
      for (const [index, arm] of [...arms.values()].entries()) {
        const adapted = arm.targets.map(({ name }, i) => {
          const dims = weights.get(`${name}.weight`)!.dims;
          return [`${name}.weight`, { data: adaptedWeight(arm, weights, i), dims }] as const;
        });
        const merged = openScorer(model, new Map([...weights, ...adapted]));
        const right = await logitsOf(merged, groupOf(['base'], new Map()), 0, sequence);
        assert.ok(largestGap(await logitsOf(scorer, group, index, sequence), right) < 1e-4);
        await merged.release();
      }
      await scorer.release();
    });

    it(`is merged into weights of ${model} in their own layout`, () => {
      const definition = definitionOf(model);
      const weights = drawWeights(definition, 5);
      const arm = drawDora(definition, 3);
      arm.targets.forEach((module, i) => {
        const weight = weights.get(`${module.name}.weight`)!.data.slice();
        dora.merge(weight, adapterOn(arm, module));
        assert.ok(largestGap(weight, adaptedWeight(arm, weights, i)) < 1e-5, module.name);
      });
    });
  }
});
