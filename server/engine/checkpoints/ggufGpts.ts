import type { JsonObject } from '../weights/checkpoint.ts';
import { refuseUnknown, vocabularyConfig, type GgufArchitecture, type GgufContents } from './ggufLayout.ts';
import { metadataBoolean, metadataNumber, requiredCount } from '../weights/ggufMetadata.ts';
import { ropeScaling, ROPE_ENTRIES } from './ggufRope.ts';

export const ggufGpt2: GgufArchitecture = {
  config: gpt2Config,
  names: {
    token_embd: 'transformer.wte',
    position_embd: 'transformer.wpe',
    output_norm: 'transformer.ln_f',
    output: 'lm_head',
    'blk.N.attn_norm': 'transformer.h.N.ln_1',
    'blk.N.attn_qkv': 'transformer.h.N.attn.c_attn',
    'blk.N.attn_output': 'transformer.h.N.attn.c_proj',
    'blk.N.ffn_norm': 'transformer.h.N.ln_2',
    'blk.N.ffn_up': 'transformer.h.N.mlp.c_fc',
    'blk.N.ffn_down': 'transformer.h.N.mlp.c_proj',
  },
  arrangement: (name) => ({
    kind: /\.(attn_qkv|attn_output|ffn_up|ffn_down)\.weight$/.test(name) ? 'transposed' : 'same',
  }),
};

function gpt2Config(contents: GgufContents): JsonObject {
  const { metadata } = contents;
  refuseUnknown(metadata, ['attention.layer_norm_epsilon']);
  return {
    ...vocabularyConfig(contents),
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    n_embd: requiredCount(metadata, 'gpt2.embedding_length'),
    n_layer: requiredCount(metadata, 'gpt2.block_count'),
    n_head: requiredCount(metadata, 'gpt2.attention.head_count'),
    n_inner: requiredCount(metadata, 'gpt2.feed_forward_length'),
    n_positions: requiredCount(metadata, 'gpt2.context_length'),
    layer_norm_epsilon: metadataNumber(metadata, 'gpt2.attention.layer_norm_epsilon') ?? 1e-5,
    activation_function: 'gelu_new',
  };
}

export const ggufGptNeox: GgufArchitecture = {
  config: gptNeoxConfig,
  names: {
    token_embd: 'gpt_neox.embed_in',
    output_norm: 'gpt_neox.final_layer_norm',
    output: 'embed_out',
    'blk.N.attn_norm': 'gpt_neox.layers.N.input_layernorm',
    'blk.N.attn_qkv': 'gpt_neox.layers.N.attention.query_key_value',
    'blk.N.attn_output': 'gpt_neox.layers.N.attention.dense',
    'blk.N.ffn_norm': 'gpt_neox.layers.N.post_attention_layernorm',
    'blk.N.ffn_up': 'gpt_neox.layers.N.mlp.dense_h_to_4h',
    'blk.N.ffn_down': 'gpt_neox.layers.N.mlp.dense_4h_to_h',
  },
  arrangement: (name, config) =>
    name.includes('.attn_qkv.') ? { kind: 'grouped', heads: Number(config.num_attention_heads) } : { kind: 'same' },
};

function gptNeoxConfig(contents: GgufContents): JsonObject {
  const { metadata, tensors } = contents;
  refuseUnknown(metadata, ['attention.layer_norm_epsilon', 'use_parallel_residual', ...ROPE_ENTRIES]);
  const count = (name: string): number => requiredCount(metadata, `gptneox.${name}`);
  const [hidden, heads, positions] = [
    count('embedding_length'),
    count('attention.head_count'),
    count('context_length'),
  ];
  return {
    ...vocabularyConfig(contents),
    architectures: ['GPTNeoXForCausalLM'],
    model_type: 'gpt_neox',
    hidden_size: hidden,
    intermediate_size: count('feed_forward_length'),
    num_hidden_layers: count('block_count'),
    num_attention_heads: heads,
    max_position_embeddings: positions,
    rotary_pct: count('rope.dimension_count') / (hidden / heads),
    rotary_emb_base: metadataNumber(metadata, 'gptneox.rope.freq_base') ?? 10_000,
    ...ropeScaling('gptneox', contents, positions),
    layer_norm_eps: metadataNumber(metadata, 'gptneox.attention.layer_norm_epsilon') ?? 1e-5,
    use_parallel_residual: metadataBoolean(metadata, 'gptneox.use_parallel_residual') ?? true,
    hidden_act: 'gelu',
    attention_bias: tensors.has('blk.0.attn_qkv.bias'),
  };
}
