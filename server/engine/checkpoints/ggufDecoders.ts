import type { JsonObject } from '../weights/checkpoint.ts';
import {
  refuseUnknown,
  vocabularyConfig,
  type Arrangement,
  type GgufArchitecture,
  type GgufContents,
} from './ggufLayout.ts';
import { badMetadata, metadataNumber, requiredCount } from '../weights/ggufMetadata.ts';
import { ropeScaling, ROPE_ENTRIES } from './ggufRope.ts';

/** One of Llama's kin: what its files have otherwise than a Llama's. */
interface Decoder {
  readonly modelType: string;
  /** Transformers' class. */
  readonly className: string;
  /** Whether q and k are permuted (convert_hf_to_gguf.py, LlamaModel.permute). */
  readonly interleaved?: boolean;
  /** Whether norms are stored with 1 added (Gemma). */
  readonly raisedNorms?: boolean;
  readonly names?: Readonly<Record<string, string>>;
  /** Further metadata entries that `own` understands, without the architecture's name. */
  readonly entries?: readonly string[];
  /** What config.json has beside the common fields, or in their stead; `entry` reads a number of the architecture's. */
  readonly own?: (
    entry: (name: string) => number | undefined,
    common: JsonObject,
    contents: GgufContents,
  ) => JsonObject;
  /** Whether a part of each head may be rotated. */
  readonly partialRotary?: boolean;
}

const LAYER = 'model.layers.N';

const NAMES: Readonly<Record<string, string>> = {
  token_embd: 'model.embed_tokens',
  output_norm: 'model.norm',
  output: 'lm_head',
  'blk.N.attn_norm': `${LAYER}.input_layernorm`,
  'blk.N.attn_q': `${LAYER}.self_attn.q_proj`,
  'blk.N.attn_k': `${LAYER}.self_attn.k_proj`,
  'blk.N.attn_v': `${LAYER}.self_attn.v_proj`,
  'blk.N.attn_qkv': `${LAYER}.self_attn.qkv_proj`,
  'blk.N.attn_q_norm': `${LAYER}.self_attn.q_norm`,
  'blk.N.attn_k_norm': `${LAYER}.self_attn.k_norm`,
  'blk.N.attn_output': `${LAYER}.self_attn.o_proj`,
  'blk.N.ffn_norm': `${LAYER}.post_attention_layernorm`,
  'blk.N.ffn_gate': `${LAYER}.mlp.gate_proj`,
  'blk.N.ffn_up': `${LAYER}.mlp.up_proj`,
  'blk.N.ffn_down': `${LAYER}.mlp.down_proj`,
};

/** Norms of what the parts give. */
const NORMS_AFTER = {
  'blk.N.post_attention_norm': `${LAYER}.post_attention_layernorm`,
  'blk.N.post_ffw_norm': `${LAYER}.post_feedforward_layernorm`,
};
const NORMS_AROUND = { ...NORMS_AFTER, 'blk.N.ffn_norm': `${LAYER}.pre_feedforward_layernorm` };

/** Llama's biases, which its files say by having them. */
const biases: Decoder['own'] = (_, __, { tensors }) => ({
  attention_bias: tensors.has('blk.0.attn_q.bias'),
  mlp_bias: tensors.has('blk.0.ffn_gate.bias'),
});

/**
 * The divisor of the scores, which files leave out: the size of a head, but for the largest model of a family the width a
 * head has of the residual stream, as llama.cpp tells them apart.
 */
const scoreDivisor = (common: JsonObject, largest: number): JsonObject => ({
  query_pre_attn_scalar:
    common.num_hidden_layers === largest
      ? Number(common.hidden_size) / Number(common.num_attention_heads)
      : common.head_dim,
});

const DECODERS = {
  llama: { modelType: 'llama', className: 'LlamaForCausalLM', interleaved: true, own: biases },
  smollm3: { modelType: 'smollm3', className: 'SmolLM3ForCausalLM', interleaved: true, own: biases },
  granite: {
    modelType: 'granite',
    className: 'GraniteForCausalLM',
    interleaved: true,
    entries: ['attention.scale', 'embedding_scale', 'residual_scale', 'logit_scale'],
    own: (entry, common, contents) => ({
      ...biases(entry, common, contents),
      attention_multiplier: entry('attention.scale') ?? 1 / Math.sqrt(Number(common.head_dim)),
      embedding_multiplier: entry('embedding_scale') ?? 1,
      residual_multiplier: entry('residual_scale') ?? 1,
      logits_scaling: entry('logit_scale') ?? 1,
    }),
  },
  qwen2: { modelType: 'qwen2', className: 'Qwen2ForCausalLM' },
  qwen3: {
    modelType: 'qwen3',
    className: 'Qwen3ForCausalLM',
    own: (_, __, { tensors }) => ({ attention_bias: tensors.has('blk.0.attn_q.bias') }),
  },
  olmo2: { modelType: 'olmo2', className: 'Olmo2ForCausalLM', names: NORMS_AFTER },
  phi3: {
    modelType: 'phi3',
    className: 'Phi3ForCausalLM',
    names: { 'blk.N.ffn_up': `${LAYER}.mlp.gate_up_proj` },
    entries: ['attention.sliding_window'],
    partialRotary: true,
    // 0 is no window.
    own: (entry) => {
      const window = entry('attention.sliding_window') ?? 0;
      return { sliding_window: window > 0 ? window : null };
    },
  },
  gemma: {
    modelType: 'gemma',
    className: 'GemmaForCausalLM',
    raisedNorms: true,
    own: () => ({ hidden_act: 'gelu_pytorch_tanh' }),
  },
  gemma2: {
    modelType: 'gemma2',
    className: 'Gemma2ForCausalLM',
    raisedNorms: true,
    names: NORMS_AROUND,
    entries: ['attn_logit_softcapping', 'final_logit_softcapping', 'attention.sliding_window'],
    own: (entry, common) => ({
      ...scoreDivisor(common, 46),
      hidden_activation: 'gelu_pytorch_tanh',
      attn_logit_softcapping: entry('attn_logit_softcapping') ?? 50,
      final_logit_softcapping: entry('final_logit_softcapping') ?? 30,
      sliding_window: entry('attention.sliding_window') ?? 4096,
    }),
  },
  gemma3: {
    modelType: 'gemma3_text',
    className: 'Gemma3ForCausalLM',
    raisedNorms: true,
    names: NORMS_AROUND,
    entries: [
      ...['attention.sliding_window', 'attention.sliding_window_pattern', 'rope.freq_base_swa'],
      'final_logit_softcapping',
    ],
    own: (entry, common) => ({
      ...scoreDivisor(common, 62),
      hidden_activation: 'gelu_pytorch_tanh',
      rope_theta: entry('rope.freq_base') ?? 1_000_000,
      rope_local_base_freq: entry('rope.freq_base_swa') ?? 10_000,
      final_logit_softcapping: entry('final_logit_softcapping') ?? null,
      sliding_window: entry('attention.sliding_window') ?? 4096,
      sliding_window_pattern: entry('attention.sliding_window_pattern') ?? 6,
    }),
  },
} as const satisfies Readonly<Record<string, Decoder>>;

const ENTRIES = [
  ...['attention.key_length', 'attention.value_length', 'attention.layer_norm_rms_epsilon'],
  ...ROPE_ENTRIES,
];

function decoderConfig(architecture: string, decoder: Decoder, contents: GgufContents): JsonObject {
  const { metadata } = contents;
  refuseUnknown(metadata, [...ENTRIES, ...(decoder.entries ?? [])]);
  const count = (name: string): number => requiredCount(metadata, `${architecture}.${name}`);
  const entry = (name: string): number | undefined => metadataNumber(metadata, `${architecture}.${name}`);
  const [hidden, heads, positions] = [
    count('embedding_length'),
    count('attention.head_count'),
    count('context_length'),
  ];
  const headSize = entry('attention.key_length') ?? hidden / heads;
  const valueSize = entry('attention.value_length') ?? headSize;
  if (valueSize !== headSize) {
    throw badMetadata(`${architecture}.attention.value_length`, `is ${valueSize}, where keys have ${headSize}`);
  }
  const common = {
    ...vocabularyConfig(contents),
    architectures: [decoder.className],
    model_type: decoder.modelType,
    hidden_size: hidden,
    intermediate_size: count('feed_forward_length'),
    num_hidden_layers: count('block_count'),
    num_attention_heads: heads,
    num_key_value_heads: entry('attention.head_count_kv') ?? heads,
    head_dim: headSize,
    max_position_embeddings: positions,
    rms_norm_eps: entry('attention.layer_norm_rms_epsilon') ?? 1e-6,
    rope_theta: entry('rope.freq_base') ?? 10000,
    ...rotaryShare(architecture, decoder, entry('rope.dimension_count') ?? headSize, headSize),
    ...ropeScaling(architecture, contents, positions),
  };
  const activation = decoder.raisedNorms ? {} : { hidden_act: 'silu' };
  return { ...common, ...activation, ...decoder.own?.(entry, common, contents) };
}

/** The share of each head that is rotated, where it is not all of it. */
function rotaryShare(architecture: string, { partialRotary }: Decoder, rotary: number, headSize: number): JsonObject {
  if (rotary === headSize) return {};
  if (partialRotary) return { partial_rotary_factor: rotary / headSize };
  throw badMetadata(
    `${architecture}.rope.dimension_count`,
    `is ${rotary}, where only whole heads of ${headSize} can be rotated`,
  );
}

function arrangementOf({ interleaved, raisedNorms }: Decoder, name: string, config: JsonObject): Arrangement {
  if (interleaved && name.includes('.attn_q.')) {
    return { kind: 'interleaved', heads: Number(config.num_attention_heads) };
  }
  if (interleaved && name.includes('.attn_k.')) {
    return { kind: 'interleaved', heads: Number(config.num_key_value_heads) };
  }
  return { kind: raisedNorms && name.endsWith('norm.weight') ? 'raised' : 'same' };
}

/** The architectures of Llama and its kin, by `general.architecture`. */
export const ggufDecoders: readonly (readonly [string, GgufArchitecture])[] = Object.entries<Decoder>(DECODERS).map(
  ([architecture, decoder]) => [
    architecture,
    {
      names: { ...NAMES, ...decoder.names },
      config: (contents) => decoderConfig(architecture, decoder, contents),
      arrangement: (name, config) => arrangementOf(decoder, name, config),
    },
  ],
);
