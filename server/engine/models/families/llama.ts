import type { Value } from '../../ops/value.ts';
import type { ConfigReader } from '../configReader.ts';
import type { Family } from '../family.ts';
import type { LinearModule, ModelConfig, Parameter } from '../modelConfig.ts';
import type { ModelContext } from '../modelContext.ts';
import { rotaryTables } from '../blocks/rotaryTables.ts';

/** Llama and its kin (Llama-2, SmolLM2, Tulu): RMSNorm, rotary positions, grouped-query attention, SwiGLU. */
export interface LlamaConfig extends ModelConfig {
  readonly intermediateSize: number;
  readonly epsilon: number;
  readonly ropeTheta: number;
  readonly tiedHead: boolean;
  readonly attentionBias: boolean;
  readonly mlpBias: boolean;
}

function readConfig(json: ConfigReader): LlamaConfig {
  const activation = json.text('hidden_act', 'silu');
  if (activation !== 'silu') throw json.unsupported(`"hidden_act" ${JSON.stringify(activation)} in a Llama`);
  const heads = json.count('num_attention_heads');
  const hiddenSize = json.count('hidden_size');
  return {
    vocabularySize: json.count('vocab_size'),
    hiddenSize,
    layers: json.count('num_hidden_layers'),
    heads,
    keyValueHeads: json.count('num_key_value_heads', heads),
    headSize: json.count('head_dim', hiddenSize / heads),
    maxPositions: json.count('max_position_embeddings', 2048),
    intermediateSize: json.count('intermediate_size'),
    epsilon: json.positive('rms_norm_eps', 1e-6),
    ropeTheta: ropeTheta(json),
    tiedHead: json.flag('tie_word_embeddings', false),
    attentionBias: json.flag('attention_bias', false),
    mlpBias: json.flag('mlp_bias', false),
  };
}

/** Plain rotary angles only; newer configurations keep theta and the scaling in `rope_parameters`. */
function ropeTheta(json: ConfigReader): number {
  for (const key of ['rope_scaling', 'rope_parameters']) {
    const scaling = json.object(key);
    const kind = scaling?.rope_type ?? scaling?.type ?? 'default';
    if (kind !== 'default') throw json.unsupported(`Rope scaling of type ${JSON.stringify(kind)}`);
  }
  const nested = json.object('rope_parameters')?.rope_theta;
  return typeof nested === 'number' ? nested : json.positive('rope_theta', 10_000);
}

const layerName = (i: number): string => `model.layers.${i}`;

function linearModules(c: LlamaConfig): readonly LinearModule[] {
  const queries = c.heads * c.headSize;
  const keys = c.keyValueHeads * c.headSize;
  return Array.from({ length: c.layers }, (_, i) => {
    const module = (path: string, inFeatures: number, outFeatures: number, bias: boolean): LinearModule => ({
      name: `${layerName(i)}.${path}`,
      inFeatures,
      outFeatures,
      layout: 'out-in',
      bias,
    });
    return [
      module('self_attn.q_proj', c.hiddenSize, queries, c.attentionBias),
      module('self_attn.k_proj', c.hiddenSize, keys, c.attentionBias),
      module('self_attn.v_proj', c.hiddenSize, keys, c.attentionBias),
      module('self_attn.o_proj', queries, c.hiddenSize, c.attentionBias),
      module('mlp.gate_proj', c.hiddenSize, c.intermediateSize, c.mlpBias),
      module('mlp.up_proj', c.hiddenSize, c.intermediateSize, c.mlpBias),
      module('mlp.down_proj', c.intermediateSize, c.hiddenSize, c.mlpBias),
    ];
  }).flat();
}

function otherParameters(c: LlamaConfig): readonly Parameter[] {
  const norm = (name: string): Parameter => ({ name: `${name}.weight`, shape: [c.hiddenSize] });
  const head: Parameter[] = c.tiedHead ? [] : [{ name: 'lm_head.weight', shape: [c.vocabularySize, c.hiddenSize] }];
  return [
    { name: 'model.embed_tokens.weight', shape: [c.vocabularySize, c.hiddenSize] },
    ...Array.from({ length: c.layers }, (_, i) => [
      norm(`${layerName(i)}.input_layernorm`),
      norm(`${layerName(i)}.post_attention_layernorm`),
    ]).flat(),
    norm('model.norm'),
    ...head,
    ...rotaryTables(c.maxPositions, c.headSize, c.ropeTheta),
  ];
}

function body(m: ModelContext, c: LlamaConfig): Value {
  let x = m.residual(m.embedding('model.embed_tokens.weight', m.tokens));
  for (let i = 0; i < c.layers; i++) {
    x = attention(m, c, i, x);
    x = m.residual(mlp(m, c, i, x));
  }
  return x;
}

/** x + attention(norm(x)) */
function attention(m: ModelContext, c: LlamaConfig, i: number, x: Value): Value {
  const layer = layerName(i);
  const { heads, keyValueHeads, headSize } = c;
  const normed = m.e.SimplifiedLayerNormalization(x, m.parameter(`${layer}.input_layernorm.weight`), c.epsilon);
  const q = m.rotary(m.linear(`${layer}.self_attn.q_proj`, normed), heads, 'rope.cos', 'rope.sin');
  const k = m.rotary(m.linear(`${layer}.self_attn.k_proj`, normed), keyValueHeads, 'rope.cos', 'rope.sin');
  const v = m.linear(`${layer}.self_attn.v_proj`, normed);
  const mixed = m.attention(i, { heads, keyValueHeads, headSize, scale: 1 / Math.sqrt(headSize) }, q, k, v);
  return m.linear(`${layer}.self_attn.o_proj`, m.afterAttention(i, mixed), m.afterAttention(i, x));
}

/** x + mlp(norm(x)) */
function mlp(m: ModelContext, c: LlamaConfig, i: number, x: Value): Value {
  const layer = layerName(i);
  const normed = m.e.SimplifiedLayerNormalization(
    x,
    m.parameter(`${layer}.post_attention_layernorm.weight`),
    c.epsilon,
  );
  const gate = m.e.QuickGelu(m.linear(`${layer}.mlp.gate_proj`, normed), 1);
  return m.linear(`${layer}.mlp.down_proj`, m.e.Mul(gate, m.linear(`${layer}.mlp.up_proj`, normed)), x);
}

function head(m: ModelContext, c: LlamaConfig, hidden: Value): Value {
  const normed = m.e.SimplifiedLayerNormalization(hidden, m.parameter('model.norm.weight'), c.epsilon);
  return m.e.Gemm(normed, m.parameter(c.tiedHead ? 'model.embed_tokens.weight' : 'lm_head.weight'), { transB: 1 });
}

export const llama: Family<LlamaConfig> = {
  modelTypes: ['llama'],
  task: 'causal-lm',
  readConfig,
  linearModules,
  otherParameters,
  defaultTargets: ['q_proj', 'v_proj'],
  body,
  head,
};
