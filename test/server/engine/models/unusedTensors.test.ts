import assert from 'node:assert/strict';
import { defineModel } from '../../../../server/engine/models/families/families.ts';
import { parametersOf } from '../../../../server/engine/models/modelDefinition.ts';
import { checkUnused } from '../../../../server/engine/models/unusedTensors.ts';
import type { TensorSource } from '../../../../server/engine/weights/checkpoint.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { CONFIGS } from '../generate/randomModel.ts';
import { openTiny, type Variant } from './tinyModel.ts';

const llama = defineModel(CONFIGS.llama, 'here');

/** A model's tensors, and others by name. */
function source(definition: typeof llama, ...others: readonly string[]): TensorSource {
  const names = [...parametersOf(definition).map(({ name }) => name), ...others];
  const tensors = new Map(names.map((name) => [name, { name, shape: [1], storage: 'F32' }]));
  return { tensors, readInto: () => Promise.resolve(), close: () => Promise.resolve() };
}

describe('checkUnused', () => {
  it('names tensors that the configuration has no place for, and counts those beyond five', () => {
    const norms = ['model.layers.0.self_attn.q_norm.weight', 'model.layers.2.mlp.up_proj.weight'];
    assert.throws(
      () => checkUnused(llama, source(llama, ...norms), 'folder'),
      (error) =>
        error instanceof RankscopeError &&
        error.code === 'model' &&
        error.message.startsWith('folder: A llama') &&
        norms.every((name) => error.message.includes(name)),
    );
    const many = Array.from({ length: 7 }, (_, i) => `extra.${i}`);
    assert.throws(() => checkUnused(llama, source(llama, ...many), 'folder'), /extra\.4 and 2 more/);
  });

  it('passes over tables that are computed, and a head that is the embedding', () => {
    const tables = ['model.layers.0.self_attn.rotary_emb.inv_freq', 'h.0.attn.bias', 'h.0.attn.masked_bias'];
    const tied = defineModel({ ...CONFIGS.llama, tie_word_embeddings: true }, 'here');
    checkUnused(tied, source(tied, ...tables, 'lm_head.weight', 'embeddings.position_ids'), 'folder');
  });

  const heads: readonly (readonly [Variant, readonly string[]])[] = [
    ['bert', ['cls.predictions.bias', 'qa_outputs.weight']],
    ['roberta', ['lm_head.dense.weight', 'roberta.pooler.dense.weight']],
    ['distilbert', ['vocab_transform.weight', 'vocab_projector.bias']],
  ];
  for (const [variant, names] of heads) {
    it(`passes over heads for other tasks beside a ${variant}, and nothing else`, async () => {
      const { definition } = await openTiny(variant);
      checkUnused(definition, source(definition, ...names), 'folder');
      assert.throws(() => checkUnused(definition, source(definition, `${variant}.extra.weight`), 'folder'), /extra/);
    });
  }
});
