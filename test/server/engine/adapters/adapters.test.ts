import assert from 'node:assert/strict';
import {
  adapterSize,
  adapterStore,
  drawAdapters,
  loraScale,
  type LoraArm,
} from '../../../../server/engine/adapters/loraArm.ts';
import { dropoutMasks } from '../../../../server/engine/adapters/dropoutMasks.ts';
import { checkRank, targetModules } from '../../../../server/engine/adapters/loraTargets.ts';
import { adapterNames } from '../../../../server/engine/adapters/adapterMethod.ts';
import { dropoutInput } from '../../../../server/engine/adapters/trainableSlots.ts';
import { defineModel } from '../../../../server/engine/models/families/families.ts';
import { buildTrainProgram } from '../../../../server/engine/train/trainProgram.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { openTiny } from '../models/tinyModel.ts';

const llama = defineModel(
  {
    model_type: 'llama',
    vocab_size: 11,
    hidden_size: 16,
    intermediate_size: 24,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
  },
  'test',
);

const configError = (words: string) => (error: unknown) =>
  error instanceof RankscopeError && error.code === 'config' && error.message.includes(words);

describe('targetModules', () => {
  const names = (targets: Parameters<typeof targetModules>[1]): string[] =>
    targetModules(llama, targets).map((m) => m.name);

  it("are PEFT's for the family by default", () => {
    assert.deepEqual(
      names('default'),
      [0, 1].flatMap((i) => ['q_proj', 'v_proj'].map((m) => `model.layers.${i}.self_attn.${m}`)),
    );
  });

  it('are all linear maps of the layers, the head excepted, on demand', () => {
    assert.equal(names('all-linear').length, 14);
    assert.ok(names('all-linear').every((name) => name.startsWith('model.layers.')));
  });

  it('are found by the end of their path, whole parts only, in the order of the model', () => {
    assert.deepEqual(names(['down_proj', 'layers.1.self_attn.k_proj']), [
      'model.layers.0.mlp.down_proj',
      'model.layers.1.self_attn.k_proj',
      'model.layers.1.mlp.down_proj',
    ]);
    assert.throws(() => names(['proj']), configError('"proj"'));
    assert.throws(() => names(['c_attn']), configError('q_proj, k_proj, v_proj'));
  });
});

describe('TrainableSlots', () => {
  it('declares the adapter of a matrix that layers share once, and refuses its dropout', async () => {
    const { definition } = await openTiny('albert');
    const targets = targetModules(definition, 'default');
    const lora = (dropout: boolean) => buildTrainProgram(definition, { kind: 'lora', targets, dropout });
    const [query, value] = targets.map(({ name }) => name);
    assert.deepEqual(lora(false).trainable, [
      ...[`${query ?? ''}.lora_A`, `${query ?? ''}.lora_B`],
      ...[`${value ?? ''}.lora_A`, `${value ?? ''}.lora_B`],
    ]);
    assert.throws(() => lora(true), /query: Dropout of an adapter whose matrix several layers share/);
  });
});

describe('checkRank', () => {
  it('refuses a rank above what some target can have, naming it', () => {
    const targets = targetModules(llama, 'default');
    checkRank(8, targets);
    assert.throws(() => checkRank(9, targets), configError('model.layers.0.self_attn.v_proj'));
  });
});

describe('an adapter', () => {
  const targets = targetModules(llama, 'default');

  it('counts r (in + out) parameters a target', () => {
    assert.equal(adapterSize(4, targets), 2 * 4 * (16 + 16 + 16 + 8));
    assert.equal(adapterStore(4, targets).count, adapterSize(4, targets));
  });

  it('is scaled by alpha/r, or by alpha/sqrt(r) for rsLoRA', () => {
    assert.equal(loraScale({ alpha: 8, rank: 4, scaling: 'lora' }), 2);
    assert.equal(loraScale({ alpha: 8, rank: 4, scaling: 'rslora' }), 4);
  });

  it('starts as the base model: B zero, A uniform in +-1/sqrt(in), drawn from the seed', () => {
    const [store, same, other] = [1, 1, 2].map((seed) => {
      const drawn = adapterStore(8, targets);
      drawAdapters(drawn, targets, seed);
      return drawn;
    }) as [LoraArm['store'], LoraArm['store'], LoraArm['store']];
    const all: number[] = [];
    for (const { name } of targets) {
      const { a, b } = adapterNames(name);
      assert.ok(store.tensor(b, 'value').data.every((x) => x === 0));
      assert.deepEqual(same.tensor(a, 'value').data, store.tensor(a, 'value').data);
      assert.notDeepEqual(other.tensor(a, 'value').data, store.tensor(a, 'value').data);
      all.push(...Array.from(store.tensor(a, 'value').data));
    }
    assert.ok(all.every((x) => Math.abs(x) <= 1 / 4));
    assert.equal(new Set(all).size, all.length);
    const variance = all.reduce((sum, x) => sum + x * x, 0) / all.length;
    // A uniform variable in +-w has variance w^2/3; 512 draws come within 15 % of it.
    assert.ok(Math.abs((variance * 48) / 1 - 1) < 0.15, `${variance * 48}`);
  });
});

describe('dropoutMasks', () => {
  const targets = targetModules(llama, 'default');
  const draw = (seed: number, step: number, micro: number): Map<string, ArrayLike<unknown>> =>
    new Map(
      dropoutMasks({ dropout: 0.25, targets }, seed, { rows: 200, step, micro }).map(([name, t]) => [name, t.data]),
    );

  it('are none without dropout', () => {
    assert.deepEqual(dropoutMasks({ dropout: 0, targets }, 1, { rows: 3, step: 1, micro: 0 }), []);
  });

  it('hold 0 with the probability p and 1/(1 - p) else', () => {
    const masks = draw(1, 1, 0);
    assert.deepEqual(
      [...masks.keys()],
      targets.map((m) => dropoutInput(m.name)),
    );
    for (const mask of masks.values()) {
      const values = Array.from(mask, Number);
      assert.equal(values.length, 200 * 16);
      assert.deepEqual(
        [...new Set(values)].toSorted((a, b) => a - b),
        [0, Math.fround(4 / 3)],
      );
      const dropped = values.filter((x) => x === 0).length / values.length;
      assert.ok(Math.abs(dropped - 0.25) < 0.03, `${dropped}`);
    }
  });

  it('are the same for the same seed, step and micro-batch, and others for any other', () => {
    const reference = draw(1, 1, 0);
    assert.deepEqual(draw(1, 1, 0), reference);
    for (const other of [draw(2, 1, 0), draw(1, 2, 0), draw(1, 1, 1)]) assert.notDeepEqual(other, reference);
    assert.equal(new Set([...reference.values()].map((mask) => Array.from(mask, Number).join())).size, targets.length);
  });
});
