import { activationOf, type Activation } from './activations.ts';
import type { ConfigReader } from '../configReader.ts';
import type { ModelConfig } from '../modelConfig.ts';
import { readRope, type RopeDefaults } from './ropeConfig.ts';
import type { Rope } from './rotaryTables.ts';

/** What one layer of a decoder does otherwise than another. */
export interface LayerKind {
  /** Which of the configuration's rotary embeddings its queries and keys get; undefined for none. */
  readonly rope: number | undefined;
  /** Whether it attends within the configuration's window. */
  readonly windowed: boolean;
}

/** A decoder of RMSNorm, rotary positions, grouped-query attention and a gated MLP: Llama's, and what its kin do otherwise. */
export interface DecoderConfig extends ModelConfig {
  readonly intermediateSize: number;
  readonly epsilon: number;
  readonly tiedHead: boolean;
  readonly activation: Activation;
  readonly biases: { readonly qkv: boolean; readonly output: boolean; readonly mlp: boolean };
  /** Whether queries, keys and values are one matrix (`qkv_proj`), and gate and up another (`gate_up_proj`). */
  readonly fused: boolean;
  /** Where a layer's parts are normalised: what they read, what they give, or both. */
  readonly norms: 'before' | 'after' | 'around';
  /** Whether a norm's factor is 1 + weight (Gemma). */
  readonly unitOffset: boolean;
  /** Norms of queries and keys, over each head or all heads together. */
  readonly headNorms: 'none' | 'each' | 'all';
  readonly ropes: readonly Rope[];
  readonly layerKinds: readonly LayerKind[];
  /** Factor of the attention scores. */
  readonly scoreScale: number;
  /** Bounds of scores and logits: cap tanh(x / cap). */
  readonly scoreCap: number | undefined;
  readonly logitCap: number | undefined;
  /** Factors of the embeddings, of what each part adds to the residual stream, and of the logits. */
  readonly embeddingFactor: number;
  readonly residualFactor: number;
  readonly logitFactor: number;
}

export interface DecoderDefaults extends Omit<Partial<RopeDefaults>, 'headSize' | 'maxPositions'> {
  readonly maxPositions?: number;
  readonly epsilon?: number;
  readonly tiedHead?: boolean;
  readonly activation?: string;
  readonly activationKey?: string;
  readonly headSize?: number;
}

/** Longest sequence of a configuration that is silent of it. */
const MAX_POSITIONS = 2048;

/** The sizes, the activation and the one rotary embedding of every layer: what all of the kin have. */
export function readDecoder(json: ConfigReader, family: string, defaults: DecoderDefaults = {}): DecoderConfig {
  const sizes = readSizes(json, defaults);
  const longest = json.count('max_position_embeddings', defaults.maxPositions ?? MAX_POSITIONS);
  const { headSize } = sizes;
  const { rope, maxPositions } = readRope(json, { ...defaults, headSize, maxPositions: longest });
  return { ...plainDecoder(json, family, sizes, defaults), ropes: [rope], maxPositions };
}

/** As `readDecoder`, without positions: the families that have several rotary embeddings add theirs. */
export function readDecoderWithoutRope(
  json: ConfigReader,
  family: string,
  defaults: DecoderDefaults = {},
): Omit<DecoderConfig, 'ropes'> {
  return plainDecoder(json, family, readSizes(json, defaults), defaults);
}

function readSizes(json: ConfigReader, defaults: DecoderDefaults) {
  const heads = json.count('num_attention_heads');
  const hiddenSize = json.count('hidden_size');
  return {
    vocabularySize: json.count('vocab_size'),
    hiddenSize,
    layers: json.count('num_hidden_layers'),
    heads,
    keyValueHeads: json.count('num_key_value_heads', heads),
    headSize: json.count('head_dim', defaults.headSize ?? hiddenSize / heads),
  };
}

function plainDecoder(
  json: ConfigReader,
  family: string,
  sizes: ReturnType<typeof readSizes>,
  defaults: DecoderDefaults,
): Omit<DecoderConfig, 'ropes'> {
  return {
    ...sizes,
    maxPositions: json.count('max_position_embeddings', defaults.maxPositions ?? MAX_POSITIONS),
    intermediateSize: json.count('intermediate_size'),
    epsilon: json.positive('rms_norm_eps', defaults.epsilon ?? 1e-6),
    tiedHead: json.flag('tie_word_embeddings', defaults.tiedHead ?? false),
    activation: activationOf(json, defaults.activationKey ?? 'hidden_act', defaults.activation ?? 'silu', family),
    biases: { qkv: false, output: false, mlp: false },
    fused: false,
    norms: 'before',
    unitOffset: false,
    headNorms: 'none',
    layerKinds: Array.from({ length: sizes.layers }, () => ({ rope: 0, windowed: false })),
    scoreScale: 1 / Math.sqrt(sizes.headSize),
    scoreCap: undefined,
    logitCap: undefined,
    embeddingFactor: 1,
    residualFactor: 1,
    logitFactor: 1,
  };
}

/** `attention_bias` of all four projections, and `mlp_bias`, where a family has them. */
export function readBiases(json: ConfigReader, mlp = false): DecoderConfig['biases'] {
  const attention = json.flag('attention_bias', false);
  return { qkv: attention, output: attention, mlp: mlp && json.flag('mlp_bias', false) };
}
