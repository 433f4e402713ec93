import { internal } from '../../../protocol/errors.ts';
import type { Value } from '../../ops/value.ts';
import { activate, activationOf, type Activation } from '../blocks/activations.ts';
import type { ConfigReader } from '../configReader.ts';
import type { Family } from '../family.ts';
import { linearModule, type LinearModule, type ModelConfig, type Parameter } from '../modelConfig.ts';
import type { ModelContext } from '../modelContext.ts';
import { readRope } from '../blocks/ropeConfig.ts';
import { rotaryTables, type Rope } from '../blocks/rotaryTables.ts';

/** GPT-NeoX and Pythia (arXiv 2204.06745, 2304.01373): LayerNorm, partial rotary positions, both parts from one residual. */
export interface GptNeoxConfig extends ModelConfig {
  readonly innerSize: number;
  readonly epsilon: number;
  readonly tiedHead: boolean;
  readonly attentionBias: boolean;
  readonly activation: Activation;
  /** Whether the MLP reads what attention reads, rather than what it gave. */
  readonly parallel: boolean;
  readonly rope: Rope;
}

function readConfig(json: ConfigReader): GptNeoxConfig {
  const hiddenSize = json.count('hidden_size');
  const heads = json.count('num_attention_heads');
  const headSize = hiddenSize / heads;
  const longest = json.count('max_position_embeddings', 2048);
  const keys = { thetaKey: 'rotary_emb_base', shareKey: 'rotary_pct', share: 0.25 };
  const { rope, maxPositions } = readRope(json, { headSize, maxPositions: longest, ...keys });
  return {
    vocabularySize: json.count('vocab_size'),
    hiddenSize,
    layers: json.count('num_hidden_layers'),
    heads,
    keyValueHeads: heads,
    headSize,
    maxPositions,
    innerSize: json.count('intermediate_size', 4 * hiddenSize),
    epsilon: json.positive('layer_norm_eps', 1e-5),
    tiedHead: json.flag('tie_word_embeddings', false),
    attentionBias: json.flag('attention_bias', true),
    activation: activationOf(json, 'hidden_act', 'gelu', 'GPT-NeoX'),
    parallel: json.flag('use_parallel_residual', true),
    rope,
  };
}

const layerName = (i: number): string => `gpt_neox.layers.${i}`;

function linearModules(c: GptNeoxConfig): readonly LinearModule[] {
  return Array.from({ length: c.layers }, (_, i) => [
    linearModule(`${layerName(i)}.attention.query_key_value`, c.hiddenSize, 3 * c.hiddenSize, c.attentionBias),
    linearModule(`${layerName(i)}.attention.dense`, c.hiddenSize, c.hiddenSize, c.attentionBias),
    linearModule(`${layerName(i)}.mlp.dense_h_to_4h`, c.hiddenSize, c.innerSize, true),
    linearModule(`${layerName(i)}.mlp.dense_4h_to_h`, c.innerSize, c.hiddenSize, true),
  ]).flat();
}

function otherParameters(c: GptNeoxConfig): readonly Parameter[] {
  const norm = (name: string): readonly Parameter[] => [
    { name: `${name}.weight`, shape: [c.hiddenSize] },
    { name: `${name}.bias`, shape: [c.hiddenSize] },
  ];
  const words = [c.vocabularySize, c.hiddenSize];
  return [
    { name: 'gpt_neox.embed_in.weight', shape: words },
    ...Array.from({ length: c.layers }, (_, i) => [
      ...norm(`${layerName(i)}.input_layernorm`),
      ...norm(`${layerName(i)}.post_attention_layernorm`),
    ]).flat(),
    ...norm('gpt_neox.final_layer_norm'),
    ...(c.tiedHead ? [] : [{ name: 'embed_out.weight', shape: words }]),
    ...rotaryTables(c.rope, c.maxPositions),
  ];
}

function norm(m: ModelContext, c: GptNeoxConfig, name: string, x: Value): Value {
  return m.e.LayerNormalization(x, m.parameter(`${name}.weight`), m.parameter(`${name}.bias`), c.epsilon);
}

function body(m: ModelContext, c: GptNeoxConfig): Value {
  let x = m.residual(m.embedding('gpt_neox.embed_in.weight', m.tokens));
  for (let i = 0; i < c.layers; i++) {
    const before = m.afterAttention(i, x);
    const mixed = m.e.Add(before, attention(m, c, i, norm(m, c, `${layerName(i)}.input_layernorm`, x)));
    const read = norm(m, c, `${layerName(i)}.post_attention_layernorm`, c.parallel ? before : mixed);
    x = m.residual(m.e.Add(mixed, mlp(m, c, i, read)));
  }
  return x;
}

/** One matrix gives queries, keys and values, those of each head side by side. */
function attention(m: ModelContext, c: GptNeoxConfig, i: number, x: Value): Value {
  const { heads, keyValueHeads, headSize, hiddenSize } = c;
  const fused = m.linear(`${layerName(i)}.attention.query_key_value`, x);
  const parts = m.e.Split(m.e.Reshape(fused, 'T', heads, 3 * headSize), 2, headSize, headSize, headSize);
  const [q, k, v] = parts.map((part) => m.e.Reshape(part, 'T', hiddenSize));
  if (!q || !k || !v) throw internal('The fused projection did not split in three.');
  const placed = (y: Value): Value => m.rotary(y, { heads, headSize }, c.rope);
  const scale = 1 / Math.sqrt(headSize);
  const mixed = m.attention(i, { heads, keyValueHeads, headSize, scale }, placed(q), placed(k), v);
  return m.linear(`${layerName(i)}.attention.dense`, m.afterAttention(i, mixed));
}

function mlp(m: ModelContext, c: GptNeoxConfig, i: number, x: Value): Value {
  const inner = activate(m.e, c.activation, m.linear(`${layerName(i)}.mlp.dense_h_to_4h`, x));
  return m.linear(`${layerName(i)}.mlp.dense_4h_to_h`, inner);
}

function head(m: ModelContext, c: GptNeoxConfig, hidden: Value): Value {
  const normed = norm(m, c, 'gpt_neox.final_layer_norm', hidden);
  const weight = m.parameter(c.tiedHead ? 'gpt_neox.embed_in.weight' : 'embed_out.weight');
  return m.e.Gemm(normed, weight, { transB: 1 });
}

export const gptNeox: Family<GptNeoxConfig> = {
  modelTypes: ['gpt_neox'],
  task: 'causal-lm',
  readConfig,
  linearModules,
  otherParameters,
  defaultTargets: ['query_key_value'],
  body,
  head,
};
