import assert from 'node:assert/strict';
import { dora } from '../../../../server/engine/adapters/dora.ts';
import { lora } from '../../../../server/engine/adapters/lora.ts';
import { adapterBytes } from '../../../../server/engine/adapters/loraArm.ts';
import { targetModules } from '../../../../server/engine/adapters/loraTargets.ts';
import { defineModel } from '../../../../server/engine/models/families/families.ts';
import {
  checkAdapterArms,
  checkFullArm,
  estimateMemory,
  fullArmBytes,
  planMemory,
  type MemoryPlan,
  type WeightsSetting,
} from '../../../../server/engine/models/memoryEstimate.ts';
import { parametersOf, type ModelDefinition } from '../../../../server/engine/models/modelDefinition.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';

const GIB = 2 ** 30;

const llama7B = defineModel(
  {
    model_type: 'llama',
    vocab_size: 32_000,
    hidden_size: 4096,
    intermediate_size: 11_008,
    num_hidden_layers: 32,
    num_attention_heads: 32,
    max_position_embeddings: 4096,
  },
  'here',
);
const opt13 = defineModel(
  {
    model_type: 'opt',
    vocab_size: 50_272,
    hidden_size: 2048,
    ffn_dim: 8192,
    num_hidden_layers: 24,
    num_attention_heads: 32,
    max_position_embeddings: 2048,
    word_embed_proj_dim: 2048,
  },
  'here',
);

function plan(definition: ModelDefinition, storage: string, setting: WeightsSetting, gibibytes: number): MemoryPlan {
  const tensors = new Map(parametersOf(definition).map(({ name }) => [name, { storage }]));
  return planMemory(definition, tensors, { weights: setting }, { memory: gibibytes * GIB, where: 'models/it' });
}

const tooLarge =
  (...patterns: readonly RegExp[]) =>
  (error: unknown): boolean =>
    error instanceof RankscopeError && error.code === 'memory' && patterns.every((p) => p.test(error.message));

describe('estimateMemory', () => {
  it('counts the parameters of Llama-2 7B and OPT 1.3B', () => {
    assert.equal((estimateMemory(llama7B, 'float32').weights / 4 / 1e9).toFixed(2), '6.74');
    assert.equal(fullArmBytes(opt13) / 16, 1_315_758_080);
    const { weights } = estimateMemory(opt13, 'float16');
    assert.ok(Math.abs(weights / (2 * 1_315_758_080) - 1) < 1e-3);
  });

  it('is near what a LoRA step on OPT 1.3B was measured to take: 3.5 GiB at 128 tokens', () => {
    const { total } = estimateMemory(opt13, 'float16');
    assert.ok(total > 3.5 * GIB && total < 5 * GIB, String(total / GIB));
  });
});

describe('checkFullArm', () => {
  it('lets full fine-tuning of OPT 1.3B onto 48 GiB, and refuses it on 24 with the numbers', () => {
    checkFullArm(opt13, plan(opt13, 'F16', 'auto', 48));
    assert.throws(
      () => checkFullArm(opt13, plan(opt13, 'F16', 'auto', 24)),
      tooLarge(/19\.6 GiB/, /24\.0 GiB/, /Leave full/),
    );
  });
});

describe('checkAdapterArms', () => {
  it('lets DoRA at all ranks of every map onto 48 GiB beside OPT 1.3B, and refuses it on 7 with the numbers', () => {
    const targets = targetModules(opt13, 'all-linear');
    const bytes = adapterBytes({ ranks: [8, 64], targets, method: dora }, 256);
    checkAdapterArms(bytes, plan(opt13, 'F16', 'auto', 48));
    assert.throws(
      () => checkAdapterArms(bytes, plan(opt13, 'F16', 'auto', 7.2)),
      tooLarge(/arms of low rank need about 1\.4 GiB/, /7\.2 GiB/, /Name fewer ranks/),
    );
  });

  it('counts 16 bytes a parameter of every arm, and what DoRA keeps of a step', () => {
    const [target] = targetModules(opt13, 'all-linear');
    assert.ok(target);
    const { inFeatures, outFeatures } = target;
    const ofLora = 16 * 12 * (inFeatures + outFeatures);
    assert.equal(adapterBytes({ ranks: [4, 8], targets: [target], method: lora }, 100), ofLora);
    assert.equal(
      adapterBytes({ ranks: [4, 8], targets: [target], method: dora }, 100),
      ofLora + 16 * 2 * outFeatures + 4 * (100 * outFeatures + inFeatures * outFeatures),
    );
  });
});

describe('planMemory', () => {
  it('keeps a model as float32, prepacked, where there is room for both', () => {
    const { storage, prepack } = plan(opt13, 'F16', 'auto', 24);
    assert.deepEqual([storage, prepack], ['float32', true]);
  });

  it('does without prepacking where there is not', () => {
    const { storage, prepack } = plan(opt13, 'F16', 'auto', 12);
    assert.deepEqual([storage, prepack], ['float32', false]);
  });

  it('does without prepacking where memory is to be spared, but for 4 bits, whose products need it', () => {
    const tensors = new Map(parametersOf(opt13).map(({ name }) => [name, { storage: 'F16' }]));
    const machine = { memory: 48 * GIB, where: 'models/it' };
    const spared = (weights: WeightsSetting) => planMemory(opt13, tensors, { weights, lowMemory: true }, machine);
    const { storage, prepack, lowMemory } = spared('auto');
    assert.deepEqual([storage, prepack, lowMemory], ['float32', false, true]);
    assert.equal(spared('int4').prepack, true);
    assert.equal(plan(opt13, 'F16', 'auto', 48).lowMemory, false);
  });

  for (const stored of ['F16', 'BF16', 'Q8_0']) {
    it(`keeps ${stored} weights as float16 of its own accord where float32 does not fit`, () => {
      const { storage, prepack } = plan(llama7B, stored, 'auto', 24);
      assert.deepEqual([storage, prepack], ['float16', false]);
    });
  }

  it('refuses Llama-2 7B in float32 on 24 GiB with the numbers, and says what would fit', () => {
    assert.throws(
      () => plan(llama7B, 'F32', 'auto', 24),
      tooLarge(
        /models\/it/,
        /needs about 27\.\d GiB \(25\.\d GiB of weights as float32\)/,
        /has 24\.0 GiB/,
        /"weights": "fp16"/,
      ),
    );
    assert.throws(() => plan(llama7B, 'BF16', 'fp32', 24), tooLarge(/as float32/, /"weights": "fp16"/));
    assert.equal(plan(llama7B, 'F32', 'fp16', 24).storage, 'float16');
  });

  it('refuses what does not fit as float16 either', () => {
    assert.throws(() => plan(llama7B, 'F16', 'auto', 8), tooLarge(/as float16/, /smaller model/));
    assert.throws(() => plan(llama7B, 'F32', 'auto', 8), tooLarge(/as float32/, /smaller model/));
  });

  it('keeps 8 and 4 bits a number on demand, never of its own accord, and names them where more does not fit', () => {
    const [eight, four] = [plan(llama7B, 'F16', 'int8', 24), plan(llama7B, 'F16', 'int4', 24)];
    assert.deepEqual([eight.storage, eight.prepack, four.storage, four.prepack], ['int8', false, 'int4', true]);
    assert.equal((eight.estimate.weights / GIB).toFixed(1), '7.1');
    assert.ok(four.estimate.weights < 0.75 * eight.estimate.weights);
    assert.throws(() => plan(llama7B, 'F16', 'auto', 12), tooLarge(/as float16/, /Set "weights": "int8"/));
  });

  it('keeps float16 on demand', () => {
    assert.equal(plan(opt13, 'F32', 'fp16', 24).storage, 'float16');
  });
});
