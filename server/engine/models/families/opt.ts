import type { Value } from '../../ops/value.ts';
import { activate, activationOf, type Activation } from '../blocks/activations.ts';
import type { ConfigReader } from '../configReader.ts';
import type { Family } from '../family.ts';
import type { LinearModule, ModelConfig, Parameter } from '../modelConfig.ts';
import type { ModelContext } from '../modelContext.ts';

/**
 * OPT (arXiv 2205.01068): learned positions, a norm before each part, or after it in the 350M, whose word embeddings are
 * narrower than its layers and go through a projection on either side.
 */
export interface OptConfig extends ModelConfig {
  readonly innerSize: number;
  /** Width of the word embeddings; `hiddenSize` where nothing is projected. */
  readonly embeddingSize: number;
  readonly normFirst: boolean;
  readonly finalNorm: boolean;
  readonly tiedHead: boolean;
  readonly bias: boolean;
  readonly activation: Activation;
}

const EPSILON = 1e-5;

/** Positions begin here: the table keeps two rows of fairseq's that are never looked up. */
const FIRST_POSITION = 2;

function readConfig(json: ConfigReader): OptConfig {
  if (!json.flag('layer_norm_elementwise_affine', true)) throw json.unsupported('A norm without weights in an OPT');
  const hiddenSize = json.count('hidden_size');
  const heads = json.count('num_attention_heads');
  const normFirst = json.flag('do_layer_norm_before', true);
  const finalNorm = !json.flag('_remove_final_layer_norm', false);
  return {
    vocabularySize: json.count('vocab_size'),
    hiddenSize,
    layers: json.count('num_hidden_layers'),
    heads,
    keyValueHeads: heads,
    headSize: hiddenSize / heads,
    maxPositions: json.count('max_position_embeddings', 2048),
    innerSize: json.count('ffn_dim', 3072),
    embeddingSize: json.count('word_embed_proj_dim', hiddenSize),
    normFirst,
    finalNorm: normFirst && finalNorm,
    tiedHead: json.flag('tie_word_embeddings', true),
    bias: json.flag('enable_bias', true),
    activation: activationOf(json, 'activation_function', 'relu', 'OPT'),
  };
}

const BASE = 'model.decoder';
const layerName = (i: number): string => `${BASE}.layers.${i}`;
const isProjected = (c: OptConfig): boolean => c.embeddingSize !== c.hiddenSize;

function linearModules(c: OptConfig): readonly LinearModule[] {
  const module = (name: string, inFeatures: number, outFeatures: number, bias = c.bias): LinearModule => ({
    name,
    inFeatures,
    outFeatures,
    layout: 'out-in',
    bias,
  });
  const projections = [
    module(`${BASE}.project_in`, c.embeddingSize, c.hiddenSize, false),
    module(`${BASE}.project_out`, c.hiddenSize, c.embeddingSize, false),
  ];
  const layers = Array.from({ length: c.layers }, (_, i) => [
    ...['q_proj', 'k_proj', 'v_proj', 'out_proj'].map((part) =>
      module(`${layerName(i)}.self_attn.${part}`, c.hiddenSize, c.hiddenSize),
    ),
    module(`${layerName(i)}.fc1`, c.hiddenSize, c.innerSize),
    module(`${layerName(i)}.fc2`, c.innerSize, c.hiddenSize),
  ]).flat();
  return isProjected(c) ? [...projections, ...layers] : layers;
}

function otherParameters(c: OptConfig): readonly Parameter[] {
  const norm = (name: string): readonly Parameter[] => [
    { name: `${name}.weight`, shape: [c.hiddenSize] },
    { name: `${name}.bias`, shape: [c.hiddenSize] },
  ];
  const words = [c.vocabularySize, c.embeddingSize];
  return [
    { name: `${BASE}.embed_tokens.weight`, shape: words },
    { name: `${BASE}.embed_positions.weight`, shape: [c.maxPositions + FIRST_POSITION, c.hiddenSize] },
    ...Array.from({ length: c.layers }, (_, i) => [
      ...norm(`${layerName(i)}.self_attn_layer_norm`),
      ...norm(`${layerName(i)}.final_layer_norm`),
    ]).flat(),
    ...(c.finalNorm ? norm(`${BASE}.final_layer_norm`) : []),
    ...(c.tiedHead ? [] : [{ name: 'lm_head.weight', shape: words }]),
  ];
}

function norm(m: ModelContext, name: string, x: Value): Value {
  return m.e.LayerNormalization(x, m.parameter(`${name}.weight`), m.parameter(`${name}.bias`), EPSILON);
}

function body(m: ModelContext, c: OptConfig): Value {
  const words = m.embedding(`${BASE}.embed_tokens.weight`, m.tokens);
  const wide = isProjected(c) ? m.linear(`${BASE}.project_in`, words) : words;
  const positions = m.embedding(`${BASE}.embed_positions.weight`, m.positionsFrom(FIRST_POSITION));
  let x = m.residual(m.e.Add(wide, positions));
  for (let i = 0; i < c.layers; i++) {
    const [attentionNorm, mlpNorm] = [`${layerName(i)}.self_attn_layer_norm`, `${layerName(i)}.final_layer_norm`];
    const kept = (y: Value): Value => m.afterAttention(i, y);
    x = part(m, c, attentionNorm, x, (y) => attention(m, c, i, y), kept);
    x = m.residual(part(m, c, mlpNorm, x, (y) => mlp(m, c, i, y)));
  }
  return x;
}

/** x + f(norm(x)), or norm(x + f(x)) as in the first transformers; of x the rows that `f` keeps. */
function part(
  m: ModelContext,
  c: OptConfig,
  name: string,
  x: Value,
  f: (y: Value) => Value,
  kept = (y: Value): Value => y,
): Value {
  return c.normFirst ? m.e.Add(kept(x), f(norm(m, name, x))) : norm(m, name, m.e.Add(kept(x), f(x)));
}

function attention(m: ModelContext, c: OptConfig, i: number, x: Value): Value {
  const { heads, keyValueHeads, headSize } = c;
  const project = (name: string): Value => m.linear(`${layerName(i)}.self_attn.${name}`, x);
  const [q, k, v] = [project('q_proj'), project('k_proj'), project('v_proj')];
  const mixed = m.attention(i, { heads, keyValueHeads, headSize, scale: 1 / Math.sqrt(headSize) }, q, k, v);
  return m.linear(`${layerName(i)}.self_attn.out_proj`, m.afterAttention(i, mixed));
}

function mlp(m: ModelContext, c: OptConfig, i: number, x: Value): Value {
  return m.linear(`${layerName(i)}.fc2`, activate(m.e, c.activation, m.linear(`${layerName(i)}.fc1`, x)));
}

function head(m: ModelContext, c: OptConfig, hidden: Value): Value {
  const normed = c.finalNorm ? norm(m, `${BASE}.final_layer_norm`, hidden) : hidden;
  const narrow = isProjected(c) ? m.linear(`${BASE}.project_out`, normed) : normed;
  return m.e.Gemm(narrow, m.parameter(c.tiedHead ? `${BASE}.embed_tokens.weight` : 'lm_head.weight'), { transB: 1 });
}

export const opt: Family<OptConfig> = {
  modelTypes: ['opt'],
  task: 'causal-lm',
  readConfig,
  linearModules,
  otherParameters,
  defaultTargets: ['q_proj', 'v_proj'],
  body,
  head,
};
