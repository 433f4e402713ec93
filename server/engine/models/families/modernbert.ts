import { internal } from '../../../protocol/errors.ts';
import type { Value } from '../../ops/value.ts';
import { activate, activationOf, type Activation } from '../blocks/activations.ts';
import { readLayerTypes, withWindows } from '../blocks/attentionWindows.ts';
import { readClassification } from '../classification.ts';
import type { ConfigReader } from '../configReader.ts';
import type { LayerKind } from '../blocks/decoderConfig.ts';
import { dense, denseParameters } from '../blocks/dense.ts';
import type { Family } from '../family.ts';
import { linearModule, type LinearModule, type ModelConfig, type Parameter } from '../modelConfig.ts';
import type { ModelContext } from '../modelContext.ts';
import { ropeOf } from '../blocks/ropeConfig.ts';
import { rotaryTables, type Rope } from '../blocks/rotaryTables.ts';

/** ModernBERT (arXiv 2412.13663): rotary positions, gated MLPs, norms before the parts, and windows in most layers. */
export interface ModernBertConfig extends ModelConfig {
  readonly classes: number;
  readonly innerSize: number;
  readonly epsilon: number;
  readonly activation: Activation;
  readonly headActivation: Activation;
  readonly biases: {
    readonly norm: boolean;
    readonly attention: boolean;
    readonly mlp: boolean;
    readonly head: boolean;
  };
  /** Of layers that see everything, and of those within a window. */
  readonly ropes: readonly Rope[];
  readonly layerKinds: readonly LayerKind[];
}

function readConfig(json: ConfigReader): ModernBertConfig {
  const pooling = json.text('classifier_pooling', 'cls');
  // The head gets the first rows of sequences alone.
  if (pooling !== 'cls') throw json.unsupported(`"classifier_pooling" ${JSON.stringify(pooling)}`);
  const hiddenSize = json.count('hidden_size');
  const heads = json.count('num_attention_heads');
  const layers = json.count('num_hidden_layers');
  const classification = readClassification(json);
  const every = json.count('global_attn_every_n_layers', 3);
  const types = readLayerTypes(json, layers, (i) => i % every !== 0);
  const [headSize, maxPositions] = [hiddenSize / heads, json.count('max_position_embeddings', 8192)];
  const config: ModernBertConfig = {
    vocabularySize: json.count('vocab_size'),
    hiddenSize,
    layers,
    heads,
    keyValueHeads: heads,
    headSize,
    maxPositions,
    bidirectional: true,
    classification,
    classes: classification.labels.length,
    innerSize: json.count('intermediate_size'),
    epsilon: json.positive('norm_eps', 1e-5),
    activation: activationOf(json, 'hidden_activation', 'gelu', 'ModernBERT'),
    headActivation: activationOf(json, 'classifier_activation', 'gelu', 'ModernBERT'),
    biases: {
      norm: json.flag('norm_bias', false),
      attention: json.flag('attention_bias', false),
      mlp: json.flag('mlp_bias', false),
      head: json.flag('classifier_bias', false),
    },
    ropes: readRopes(json, { headSize, maxPositions }),
    layerKinds: types.map((type) => ({ rope: type === 'sliding_attention' ? 1 : 0, windowed: false })),
  };
  // Half of `local_attention` to either side, and the token itself.
  return withWindows(config, Math.floor(json.count('local_attention', 128) / 2) + 1, types);
}

function readRopes(json: ConfigReader, sizes: Pick<ModelConfig, 'headSize' | 'maxPositions'>): readonly Rope[] {
  const [theta, localTheta] = [json.positive('global_rope_theta', 160_000), json.positive('local_rope_theta', 10_000)];
  const parameters = json.nested('rope_parameters');
  const [full, local] = ['full_attention', 'sliding_attention'].map((type) => parameters?.nested(type));
  parameters?.refuseUnread('rotary embeddings by kinds of layers');
  return [
    ropeOf(full ?? json.without(), 'rope', { ...sizes, theta }).rope,
    ropeOf(local ?? json.without(), 'rope.local', { ...sizes, theta: localTheta }).rope,
  ];
}

const layerName = (i: number): string => `model.layers.${i}`;

function linearModules(c: ModernBertConfig): readonly LinearModule[] {
  const layers = Array.from({ length: c.layers }, (_, i) => [
    linearModule(`${layerName(i)}.attn.Wqkv`, c.hiddenSize, 3 * c.hiddenSize, c.biases.attention),
    linearModule(`${layerName(i)}.attn.Wo`, c.hiddenSize, c.hiddenSize, c.biases.attention),
    linearModule(`${layerName(i)}.mlp.Wi`, c.hiddenSize, 2 * c.innerSize, c.biases.mlp),
    linearModule(`${layerName(i)}.mlp.Wo`, c.innerSize, c.hiddenSize, c.biases.mlp),
  ]).flat();
  return [...layers, linearModule('head.dense', c.hiddenSize, c.hiddenSize, c.biases.head)];
}

/** Stands for the biases of norms that have none. */
const ZEROS = 'norm.zeros';

function otherParameters(c: ModernBertConfig): readonly Parameter[] {
  const shape = [c.hiddenSize];
  const norm = (name: string): readonly Parameter[] => [
    { name: `${name}.weight`, shape },
    ...(c.biases.norm ? [{ name: `${name}.bias`, shape }] : []),
  ];
  return [
    { name: 'model.embeddings.tok_embeddings.weight', shape: [c.vocabularySize, c.hiddenSize] },
    ...norm('model.embeddings.norm'),
    ...Array.from({ length: c.layers }, (_, i) => [
      ...(i === 0 ? [] : norm(`${layerName(i)}.attn_norm`)),
      ...norm(`${layerName(i)}.mlp_norm`),
    ]).flat(),
    ...norm('model.final_norm'),
    ...norm('head.norm'),
    ...denseParameters('classifier', c.hiddenSize, c.classes),
    ...(c.biases.norm ? [] : [{ name: ZEROS, shape, compute: () => new Float32Array(c.hiddenSize) }]),
    ...c.ropes.flatMap((rope) => rotaryTables(rope, c.maxPositions)),
  ];
}

function norm(m: ModelContext, c: ModernBertConfig, name: string, x: Value): Value {
  const bias = m.parameter(c.biases.norm ? `${name}.bias` : ZEROS);
  return m.e.LayerNormalization(x, m.parameter(`${name}.weight`), bias, c.epsilon);
}

function body(m: ModelContext, c: ModernBertConfig): Value {
  const words = m.embedding('model.embeddings.tok_embeddings.weight', m.tokens);
  let x = m.residual(norm(m, c, 'model.embeddings.norm', words));
  for (let i = 0; i < c.layers; i++) {
    const normed = i === 0 ? x : norm(m, c, `${layerName(i)}.attn_norm`, x);
    const mixed = m.afterAttention(i, attention(m, c, i, normed));
    x = m.linear(`${layerName(i)}.attn.Wo`, mixed, m.afterAttention(i, x));
    x = m.residual(mlp(m, c, i, norm(m, c, `${layerName(i)}.mlp_norm`, x), x));
  }
  return x;
}

function attention(m: ModelContext, c: ModernBertConfig, i: number, x: Value): Value {
  const { heads, keyValueHeads, headSize, hiddenSize } = c;
  const { rope = 0, windowed = false } = c.layerKinds[i] ?? {};
  const [q, k, v] = m.e.Split(m.linear(`${layerName(i)}.attn.Wqkv`, x), 1, hiddenSize, hiddenSize, hiddenSize);
  const table = c.ropes[rope];
  if (!q || !k || !v || !table) throw internal('The fused projection did not split in three.');
  const [queries, keys] = [q, k].map((y) => m.rotary(y, { heads, headSize }, table));
  if (!queries || !keys) throw internal('Queries and keys were not rotated.');
  return m.attention(i, { heads, keyValueHeads, headSize, scale: 1 / Math.sqrt(headSize), windowed }, queries, keys, v);
}

/** x + Wo (activation(a) b), a and b the halves of Wi y. */
function mlp(m: ModelContext, c: ModernBertConfig, i: number, y: Value, x: Value): Value {
  const [inner, gate] = m.e.Split(m.linear(`${layerName(i)}.mlp.Wi`, y), 1, c.innerSize, c.innerSize);
  if (!inner || !gate) throw internal('The fused projection did not split in two.');
  return m.linear(`${layerName(i)}.mlp.Wo`, m.e.Mul(activate(m.e, c.activation, inner), gate), x);
}

function head(m: ModelContext, c: ModernBertConfig, hidden: Value): Value {
  const first = norm(m, c, 'model.final_norm', hidden);
  const pooled = norm(m, c, 'head.norm', activate(m.e, c.headActivation, m.linear('head.dense', first)));
  return dense(m, 'classifier', pooled);
}

export const modernbert: Family<ModernBertConfig> = {
  modelTypes: ['modernbert'],
  task: 'sequence-classification',
  readConfig,
  linearModules,
  otherParameters,
  // PEFT has no default for it; this is its queries, keys and values.
  defaultTargets: ['Wqkv'],
  otherHeads: [/^decoder\./],
  classifier: { modules: ['classifier'], pooling: ['head'] },
  body,
  head,
};
