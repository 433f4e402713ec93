import type { Value } from '../../ops/value.ts';
import { activate, activationOf, type Activation } from '../blocks/activations.ts';
import { readClassification } from '../classification.ts';
import type { ConfigReader } from '../configReader.ts';
import { dense, denseParameters } from '../blocks/dense.ts';
import type { Family } from '../family.ts';
import type { LinearModule, ModelConfig, Parameter } from '../modelConfig.ts';
import type { ModelContext } from '../modelContext.ts';

/** DistilBERT (arXiv 1910.01108): BERT's layers under other names, without token types and pooler. */
export interface DistilBertConfig extends ModelConfig {
  readonly classes: number;
  readonly innerSize: number;
  readonly activation: Activation;
}

const EPSILON = 1e-12;

function readConfig(json: ConfigReader): DistilBertConfig {
  const hiddenSize = json.count('dim', 768);
  const heads = json.count('n_heads', 12);
  const classification = readClassification(json);
  return {
    vocabularySize: json.count('vocab_size'),
    hiddenSize,
    layers: json.count('n_layers', 6),
    heads,
    keyValueHeads: heads,
    headSize: hiddenSize / heads,
    maxPositions: json.count('max_position_embeddings', 512),
    bidirectional: true,
    classification,
    classes: classification.labels.length,
    innerSize: json.count('hidden_dim', 3072),
    activation: activationOf(json, 'activation', 'gelu', 'DistilBERT'),
  };
}

const BASE = 'distilbert';
const layerName = (i: number): string => `${BASE}.transformer.layer.${i}`;

function linearModules(c: DistilBertConfig): readonly LinearModule[] {
  return Array.from({ length: c.layers }, (_, i) => {
    const module = (path: string, inFeatures: number, outFeatures: number): LinearModule => ({
      name: `${layerName(i)}.${path}`,
      inFeatures,
      outFeatures,
      layout: 'out-in',
      bias: true,
    });
    return [
      ...['q_lin', 'k_lin', 'v_lin', 'out_lin'].map((part) => module(`attention.${part}`, c.hiddenSize, c.hiddenSize)),
      module('ffn.lin1', c.hiddenSize, c.innerSize),
      module('ffn.lin2', c.innerSize, c.hiddenSize),
    ];
  }).flat();
}

function otherParameters(c: DistilBertConfig): readonly Parameter[] {
  const norm = (name: string): readonly Parameter[] => [
    { name: `${name}.weight`, shape: [c.hiddenSize] },
    { name: `${name}.bias`, shape: [c.hiddenSize] },
  ];
  return [
    { name: `${BASE}.embeddings.word_embeddings.weight`, shape: [c.vocabularySize, c.hiddenSize] },
    { name: `${BASE}.embeddings.position_embeddings.weight`, shape: [c.maxPositions, c.hiddenSize] },
    ...norm(`${BASE}.embeddings.LayerNorm`),
    ...Array.from({ length: c.layers }, (_, i) => [
      ...norm(`${layerName(i)}.sa_layer_norm`),
      ...norm(`${layerName(i)}.output_layer_norm`),
    ]).flat(),
    ...denseParameters('pre_classifier', c.hiddenSize, c.hiddenSize),
    ...denseParameters('classifier', c.hiddenSize, c.classes),
  ];
}

function norm(m: ModelContext, name: string, x: Value): Value {
  return m.e.LayerNormalization(x, m.parameter(`${name}.weight`), m.parameter(`${name}.bias`), EPSILON);
}

function body(m: ModelContext, c: DistilBertConfig): Value {
  const embedding = (name: string, ids: Value): Value => m.embedding(`${BASE}.embeddings.${name}.weight`, ids);
  const placed = m.e.Add(embedding('word_embeddings', m.tokens), embedding('position_embeddings', m.positions));
  let x = m.residual(norm(m, `${BASE}.embeddings.LayerNorm`, placed));
  for (let i = 0; i < c.layers; i++) {
    const layer = layerName(i);
    x = norm(m, `${layer}.sa_layer_norm`, m.e.Add(m.afterAttention(i, x), attention(m, c, i, x)));
    const inner = activate(m.e, c.activation, m.linear(`${layer}.ffn.lin1`, x));
    x = m.residual(norm(m, `${layer}.output_layer_norm`, m.e.Add(x, m.linear(`${layer}.ffn.lin2`, inner))));
  }
  return x;
}

function attention(m: ModelContext, c: DistilBertConfig, i: number, x: Value): Value {
  const { heads, keyValueHeads, headSize } = c;
  const project = (name: string): Value => m.linear(`${layerName(i)}.attention.${name}`, x);
  const [q, k, v] = [project('q_lin'), project('k_lin'), project('v_lin')];
  const mixed = m.attention(i, { heads, keyValueHeads, headSize, scale: 1 / Math.sqrt(headSize) }, q, k, v);
  return m.linear(`${layerName(i)}.attention.out_lin`, m.afterAttention(i, mixed));
}

export const distilbert: Family<DistilBertConfig> = {
  modelTypes: ['distilbert'],
  task: 'sequence-classification',
  readConfig,
  linearModules,
  otherParameters,
  // PEFT has no default for it; these are its query and value.
  defaultTargets: ['q_lin', 'v_lin'],
  otherHeads: [/^vocab_(transform|layer_norm|projector)\./, /^qa_outputs\./],
  // PEFT takes "classifier" by its ending, which is that of pre_classifier too.
  classifier: { modules: ['pre_classifier', 'classifier'], pooling: [] },
  body,
  head: (m, _, hidden) => dense(m, 'classifier', m.e.Relu(dense(m, 'pre_classifier', hidden))),
};
