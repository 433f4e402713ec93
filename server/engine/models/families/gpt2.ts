import { internal } from '../../../protocol/errors.ts';
import type { Value } from '../../ops/value.ts';
import { activate, activationOf, type Activation } from '../blocks/activations.ts';
import type { ConfigReader } from '../configReader.ts';
import type { Family } from '../family.ts';
import type { LinearModule, ModelConfig, Parameter } from '../modelConfig.ts';
import type { ModelContext } from '../modelContext.ts';

/** GPT-2: learned positions, LayerNorm before each part, one fused projection for queries, keys and values. */
export interface Gpt2Config extends ModelConfig {
  readonly innerSize: number;
  readonly epsilon: number;
  readonly tiedHead: boolean;
  readonly scaleAttention: boolean;
  readonly activation: Activation;
}

function readConfig(json: ConfigReader): Gpt2Config {
  if (json.flag('scale_attn_by_inverse_layer_idx', false)) throw json.unsupported('Attention scaled by layer index');
  const hiddenSize = json.count('n_embd');
  const heads = json.count('n_head');
  return {
    vocabularySize: json.count('vocab_size'),
    hiddenSize,
    layers: json.count('n_layer'),
    heads,
    keyValueHeads: heads,
    headSize: hiddenSize / heads,
    maxPositions: json.count('n_positions', 1024),
    innerSize: json.count('n_inner', 4 * hiddenSize),
    epsilon: json.positive('layer_norm_epsilon', 1e-5),
    tiedHead: json.flag('tie_word_embeddings', true),
    scaleAttention: json.flag('scale_attn_weights', true),
    activation: activationOf(json, 'activation_function', 'gelu_new', 'GPT-2'),
  };
}

const layerName = (i: number): string => `transformer.h.${i}`;

function linearModules(c: Gpt2Config): readonly LinearModule[] {
  return Array.from({ length: c.layers }, (_, i) => {
    const module = (path: string, inFeatures: number, outFeatures: number): LinearModule => ({
      name: `${layerName(i)}.${path}`,
      inFeatures,
      outFeatures,
      layout: 'in-out',
      bias: true,
    });
    return [
      module('attn.c_attn', c.hiddenSize, 3 * c.hiddenSize),
      module('attn.c_proj', c.hiddenSize, c.hiddenSize),
      module('mlp.c_fc', c.hiddenSize, c.innerSize),
      module('mlp.c_proj', c.innerSize, c.hiddenSize),
    ];
  }).flat();
}

function otherParameters(c: Gpt2Config): readonly Parameter[] {
  const norm = (name: string): readonly Parameter[] => [
    { name: `${name}.weight`, shape: [c.hiddenSize] },
    { name: `${name}.bias`, shape: [c.hiddenSize] },
  ];
  const head: Parameter[] = c.tiedHead ? [] : [{ name: 'lm_head.weight', shape: [c.vocabularySize, c.hiddenSize] }];
  return [
    { name: 'transformer.wte.weight', shape: [c.vocabularySize, c.hiddenSize] },
    { name: 'transformer.wpe.weight', shape: [c.maxPositions, c.hiddenSize] },
    ...Array.from({ length: c.layers }, (_, i) => [
      ...norm(`${layerName(i)}.ln_1`),
      ...norm(`${layerName(i)}.ln_2`),
    ]).flat(),
    ...norm('transformer.ln_f'),
    ...head,
  ];
}

function norm(m: ModelContext, c: Gpt2Config, name: string, x: Value): Value {
  return m.e.LayerNormalization(x, m.parameter(`${name}.weight`), m.parameter(`${name}.bias`), c.epsilon);
}

function body(m: ModelContext, c: Gpt2Config): Value {
  const words = m.embedding('transformer.wte.weight', m.tokens);
  let x = m.residual(m.e.Add(words, m.embedding('transformer.wpe.weight', m.positions)));
  for (let i = 0; i < c.layers; i++) {
    x = m.e.Add(m.afterAttention(i, x), attention(m, c, i, norm(m, c, `${layerName(i)}.ln_1`, x)));
    x = m.residual(m.e.Add(x, mlp(m, c, i, norm(m, c, `${layerName(i)}.ln_2`, x))));
  }
  return x;
}

function attention(m: ModelContext, c: Gpt2Config, i: number, x: Value): Value {
  const { heads, keyValueHeads, headSize, hiddenSize } = c;
  const [q, k, v] = m.e.Split(m.linear(`${layerName(i)}.attn.c_attn`, x), 1, hiddenSize, hiddenSize, hiddenSize);
  if (!q || !k || !v) throw internal('The fused projection did not split in three.');
  const scale = c.scaleAttention ? 1 / Math.sqrt(headSize) : 1;
  const mixed = m.attention(i, { heads, keyValueHeads, headSize, scale }, q, k, v);
  return m.linear(`${layerName(i)}.attn.c_proj`, m.afterAttention(i, mixed));
}

function mlp(m: ModelContext, c: Gpt2Config, i: number, x: Value): Value {
  const inner = activate(m.e, c.activation, m.linear(`${layerName(i)}.mlp.c_fc`, x));
  return m.linear(`${layerName(i)}.mlp.c_proj`, inner);
}

function head(m: ModelContext, c: Gpt2Config, hidden: Value): Value {
  const normed = norm(m, c, 'transformer.ln_f', hidden);
  return m.e.Gemm(normed, m.parameter(c.tiedHead ? 'transformer.wte.weight' : 'lm_head.weight'), { transB: 1 });
}

export const gpt2: Family<Gpt2Config> = {
  modelTypes: ['gpt2'],
  task: 'causal-lm',
  readConfig,
  linearModules,
  otherParameters,
  defaultTargets: ['c_attn'],
  body,
  head,
};
