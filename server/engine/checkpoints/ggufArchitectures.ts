import { RankscopeError } from '../../protocol/errors.ts';
import type { JsonObject } from '../weights/checkpoint.ts';
import {
  badMetadata,
  metadataNumber,
  metadataString,
  requiredCount,
  type GgufMetadata,
} from '../weights/ggufMetadata.ts';
import type { GgufTensor } from '../weights/ggufHeader.ts';

/** How the file's rows and columns differ from Hugging Face's. */
export type Arrangement =
  | { readonly kind: 'same' }
  /** Rows of every head taken in the order 0, half, 1, half + 1, ..., for interleaved rotary embedding. */
  | { readonly kind: 'interleaved'; readonly heads: number }
  /** Stored [out, in], where Hugging Face's GPT-2 (`Conv1D`) has [in, out]. */
  | { readonly kind: 'transposed' };

/** What one `general.architecture` means. */
export interface GgufArchitecture {
  /** Content of a config.json. Throws RankscopeError('model') naming the metadata entry that is missing or wrong. */
  config(metadata: GgufMetadata, tensors: ReadonlyMap<string, GgufTensor>): JsonObject;
  /** Hugging Face's name by the file's, with `N` for the layer and without `.weight` or `.bias`. */
  readonly names: Readonly<Record<string, string>>;
  arrangement(name: string, config: JsonObject): Arrangement;
}

const same: Arrangement = { kind: 'same' };

const llama: GgufArchitecture = {
  config: llamaConfig,
  names: {
    token_embd: 'model.embed_tokens',
    output_norm: 'model.norm',
    output: 'lm_head',
    'blk.N.attn_norm': 'model.layers.N.input_layernorm',
    'blk.N.attn_q': 'model.layers.N.self_attn.q_proj',
    'blk.N.attn_k': 'model.layers.N.self_attn.k_proj',
    'blk.N.attn_v': 'model.layers.N.self_attn.v_proj',
    'blk.N.attn_output': 'model.layers.N.self_attn.o_proj',
    'blk.N.ffn_norm': 'model.layers.N.post_attention_layernorm',
    'blk.N.ffn_gate': 'model.layers.N.mlp.gate_proj',
    'blk.N.ffn_up': 'model.layers.N.mlp.up_proj',
    'blk.N.ffn_down': 'model.layers.N.mlp.down_proj',
  },
  // llama.cpp's converter permutes q and k (convert_hf_to_gguf.py, LlamaModel.permute).
  arrangement(name, config) {
    if (name.includes('.attn_q.')) return { kind: 'interleaved', heads: Number(config.num_attention_heads) };
    if (name.includes('.attn_k.')) return { kind: 'interleaved', heads: Number(config.num_key_value_heads) };
    return same;
  },
};

const gpt2: GgufArchitecture = {
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
  arrangement: (name) =>
    /\.(attn_qkv|attn_output|ffn_up|ffn_down)\.weight$/.test(name) ? { kind: 'transposed' } : same,
};

const ARCHITECTURES: ReadonlyMap<string, GgufArchitecture> = new Map([
  ['llama', llama],
  ['gpt2', gpt2],
]);

/** Throws RankscopeError('model') when the file's architecture is missing or unknown. */
export function ggufArchitecture(metadata: GgufMetadata): GgufArchitecture {
  const name = metadataString(metadata, 'general.architecture');
  const architecture = ARCHITECTURES.get(name ?? '');
  if (architecture !== undefined) return architecture;
  throw new RankscopeError({
    code: 'model',
    what: name === undefined ? 'general.architecture is missing.' : `the architecture ${name} is not supported.`,
    remedy: `GGUF files of these architectures can be read: ${[...ARCHITECTURES.keys()].join(', ')}.`,
  });
}

/** Hugging Face's name of the tensor, or undefined for one that has no counterpart (`rope_freqs.weight`). */
export function huggingFaceName(architecture: GgufArchitecture, name: string): string | undefined {
  const [, stem = name, layer, suffix = ''] = /^((?:blk\.(\d+)\.)?[a-z_]+)(\.weight|\.bias)$/.exec(name) ?? [];
  const pattern = layer === undefined ? stem : stem.replace(`blk.${layer}.`, 'blk.N.');
  if (!Object.hasOwn(architecture.names, pattern)) return undefined;
  return `${architecture.names[pattern]?.replace('.N.', `.${layer ?? ''}.`) ?? ''}${suffix}`;
}

function llamaConfig(metadata: GgufMetadata, tensors: ReadonlyMap<string, GgufTensor>): JsonObject {
  refuseMixture(metadata);
  const hidden = requiredCount(metadata, 'llama.embedding_length');
  const heads = requiredCount(metadata, 'llama.attention.head_count');
  const headSize = metadataNumber(metadata, 'llama.attention.key_length') ?? hidden / heads;
  const rotary = metadataNumber(metadata, 'llama.rope.dimension_count') ?? headSize;
  if (rotary !== headSize) {
    throw badMetadata(
      'llama.rope.dimension_count',
      `is ${rotary}, where only whole heads of ${headSize} can be rotated`,
    );
  }
  return {
    ...sharedConfig(metadata, tensors),
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: hidden,
    intermediate_size: requiredCount(metadata, 'llama.feed_forward_length'),
    num_hidden_layers: requiredCount(metadata, 'llama.block_count'),
    num_attention_heads: heads,
    num_key_value_heads: metadataNumber(metadata, 'llama.attention.head_count_kv') ?? heads,
    head_dim: headSize,
    max_position_embeddings: requiredCount(metadata, 'llama.context_length'),
    rms_norm_eps: metadataNumber(metadata, 'llama.attention.layer_norm_rms_epsilon') ?? 1e-6,
    rope_theta: metadataNumber(metadata, 'llama.rope.freq_base') ?? 10000,
    ...ropeScaling(metadata, tensors),
    hidden_act: 'silu',
    attention_bias: tensors.has('blk.0.attn_q.bias'),
    mlp_bias: tensors.has('blk.0.ffn_gate.bias'),
  };
}

function gpt2Config(metadata: GgufMetadata, tensors: ReadonlyMap<string, GgufTensor>): JsonObject {
  return {
    ...sharedConfig(metadata, tensors),
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

/** The rows of the embedding are the vocabulary's true size, and a file without `output.weight` ties its head to it. */
function sharedConfig(metadata: GgufMetadata, tensors: ReadonlyMap<string, GgufTensor>): JsonObject {
  const vocabulary = tensors.get('token_embd.weight')?.shape[0];
  if (vocabulary === undefined) {
    throw new RankscopeError({
      code: 'model',
      what: 'tensor token_embd.weight is missing.',
      remedy: 'Convert the model again.',
    });
  }
  const bos = metadataNumber(metadata, 'tokenizer.ggml.bos_token_id');
  const eos = metadataNumber(metadata, 'tokenizer.ggml.eos_token_id');
  return {
    vocab_size: vocabulary,
    tie_word_embeddings: !tensors.has('output.weight'),
    ...(bos === undefined ? {} : { bos_token_id: bos }),
    ...(eos === undefined ? {} : { eos_token_id: eos }),
  };
}

function refuseMixture(metadata: GgufMetadata): void {
  const experts = metadataNumber(metadata, 'llama.expert_count') ?? 0;
  if (experts > 0) throw badMetadata('llama.expert_count', `is ${experts}: mixtures of experts are not supported`);
}

/** Llama 3.1's scaling stands in the file as ready-made factors (`rope_freqs.weight`), not as its parameters. */
function ropeScaling(metadata: GgufMetadata, tensors: ReadonlyMap<string, GgufTensor>): JsonObject {
  // llama.cpp takes the older key where the newer is not there, and a factor without a type for linear scaling.
  const factor =
    metadataNumber(metadata, 'llama.rope.scaling.factor') ?? metadataNumber(metadata, 'llama.rope.scale_linear') ?? 1;
  const type = metadataString(metadata, 'llama.rope.scaling.type') ?? (factor === 1 ? 'none' : 'linear');
  if (type !== 'none') return { rope_scaling: { rope_type: type, factor } };
  return tensors.has('rope_freqs.weight') ? { rope_scaling: { rope_type: 'llama3' } } : {};
}
