import assert from 'node:assert/strict';
import { serialize } from '../../../../server/engine/onnx/serialize.ts';
import { buildTrainProgram } from '../../../../server/engine/train/trainProgram.ts';
import { targetModules } from '../../../../server/engine/adapters/loraTargets.ts';
import { defineModel } from '../../../../server/engine/models/families/families.ts';
import { relativeError } from '../onnx/runGraph.ts';
import { lossAndGradients, type Kind } from '../train/programVariants.ts';
import { CONFIGS } from '../generate/randomModel.ts';

const examples = [
  { ids: [3, 14, 15, 9, 26, 5, 35, 8], firstLabel: 3 },
  { ids: [9, 7, 9], firstLabel: 0 },
];

const decoder = (model: string) => ({
  ...{ model_type: model, vocab_size: 40, hidden_size: 16, intermediate_size: 24, num_hidden_layers: 4 },
  ...{ num_attention_heads: 4, max_position_embeddings: 40 },
});

/** Deep enough that layers are kept, recomputed first and recomputed next. */
const MODELS = {
  gpt2: { ...CONFIGS.gpt2, n_layer: 4 },
  llama: { ...CONFIGS.llama, num_hidden_layers: 4 },
  opt: {
    model_type: 'opt',
    vocab_size: 40,
    hidden_size: 16,
    ffn_dim: 24,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    max_position_embeddings: 40,
    word_embed_proj_dim: 16,
    do_layer_norm_before: false,
  },
  // Windows, two rotary embeddings, norms around the parts and of heads, factors of 1 + weight, bounds of scores and logits.
  gemma3: {
    ...decoder('gemma3_text'),
    ...{ layer_types: ['sliding_attention', 'full_attention', 'sliding_attention', 'sliding_attention'] },
    ...{ head_dim: 6, sliding_window: 3, attn_logit_softcapping: 2, final_logit_softcapping: 3 },
  },
  // Fused matrices, and a part of each head rotated.
  phi3: { ...decoder('phi3'), hidden_size: 32, partial_rotary_factor: 0.5 },
  'gpt-neox': { ...decoder('gpt_neox'), hidden_size: 32 },
} as const;

const definitionOf = (model: keyof typeof MODELS) => defineModel(MODELS[model], 'test');

describe('recomputation by layer', () => {
  for (const [model, kind] of [
    ['gpt2', 'full'],
    ['gpt2', 'lora'],
    ['llama', 'full'],
    ['llama', 'lora'],
    ['opt', 'full'],
    ['gemma3', 'full'],
    ['gemma3', 'lora'],
    ['phi3', 'full'],
    ['gpt-neox', 'full'],
  ] as const satisfies readonly (readonly [string, Kind])[]) {
    it(`changes no loss and no gradient: ${model}, ${kind}`, async () => {
      const kept = await lossAndGradients(definitionOf(model), kind, examples, {});
      const again = await lossAndGradients(definitionOf(model), kind, examples, { recompute: true });
      for (const [output, values] of kept) {
        const error = relativeError(again.get(output) ?? [], values);
        assert.ok(error < 1e-6, `${output}: ${error}`);
      }
    });
  }

  it('lets no layer but the last keep more than its result for the backward pass', () => {
    const { graph } = buildTrainProgram(definitionOf('gpt2'), { kind: 'full' }, { recompute: true });
    const isBackward = (name: string): boolean => /^(gradient|again)\//.test(name);
    const forward = new Set(
      graph.nodes.filter(({ name }) => !isBackward(name)).flatMap(({ outputs }) => outputs.map(({ name }) => name)),
    );
    const kept = new Set(
      graph.nodes
        .filter(({ name }) => isBackward(name))
        .flatMap(({ inputs }) => inputs.flatMap((v) => (v?.dtype === 'float32' && forward.has(v.name) ? [v] : []))),
    );
    const last = graph.nodes.findIndex(({ inputs }) => inputs.some((v) => v?.name === 'transformer.h.3.ln_1.weight'));
    const before = new Set(graph.nodes.slice(0, last).flatMap(({ outputs }) => outputs));
    // Of the stream after the embeddings and after each of the first three layers; its width is 16.
    const early = [...kept].filter((v) => before.has(v));
    assert.equal(early.length, 4);
    for (const { shape } of early) assert.deepEqual(shape, ['T', 16]);
  });

  it('begins a layer anew when the gradient of its result is there', () => {
    const { graph } = buildTrainProgram(definitionOf('gpt2'), { kind: 'full' }, { recompute: true });
    const waits = graph.nodes.filter(({ op }) => op === 'After');
    assert.equal(waits.length, 3);
    for (const { inputs } of waits) assert.match(inputs[1]?.name ?? '', /^gradient\//);
  });

  it('writes no layer again that has no adapter in it or below it', () => {
    const definition = definitionOf('gpt2');
    const targets = targetModules(definition, ['transformer.h.2.attn.c_attn']);
    const { graph } = buildTrainProgram(definition, { kind: 'lora', targets, dropout: false }, { recompute: true });
    const text = new TextDecoder('latin1').decode(serialize(graph));
    assert.ok(text.includes('again/transformer.h.2.attn.c_attn/lora/Gemm'));
    assert.equal(graph.nodes.filter(({ op, name }) => op === 'After' && text.includes(name)).length, 1);
  });
});
