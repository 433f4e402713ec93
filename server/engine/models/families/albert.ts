import type { Value } from '../../ops/value.ts';
import { activate, activationOf, type Activation } from '../blocks/activations.ts';
import { readClassification } from '../classification.ts';
import type { ConfigReader } from '../configReader.ts';
import { dense, denseParameters } from '../blocks/dense.ts';
import type { Family } from '../family.ts';
import { linearModule, type LinearModule, type ModelConfig, type Parameter } from '../modelConfig.ts';
import type { ModelContext } from '../modelContext.ts';

/** ALBERT (arXiv 1909.11942): BERT with narrow embeddings, whose layers share their weights. */
export interface AlbertConfig extends ModelConfig {
  readonly classes: number;
  readonly embeddingSize: number;
  readonly innerSize: number;
  readonly epsilon: number;
  readonly tokenTypes: number;
  /** Groups of layers with weights of their own, and how many such layers a group has. */
  readonly groups: number;
  readonly layersOfGroup: number;
  readonly activation: Activation;
}

function readConfig(json: ConfigReader): AlbertConfig {
  const positions = json.text('position_embedding_type', 'absolute');
  if (positions !== 'absolute') throw json.unsupported(`"position_embedding_type" ${JSON.stringify(positions)}`);
  const hiddenSize = json.count('hidden_size');
  const heads = json.count('num_attention_heads');
  const classification = readClassification(json);
  const layersOfGroup = json.count('inner_group_num', 1);
  return {
    vocabularySize: json.count('vocab_size'),
    hiddenSize,
    layers: json.count('num_hidden_layers') * layersOfGroup,
    heads,
    keyValueHeads: heads,
    headSize: hiddenSize / heads,
    maxPositions: json.count('max_position_embeddings', 512),
    bidirectional: true,
    classification,
    classes: classification.labels.length,
    embeddingSize: json.count('embedding_size', 128),
    innerSize: json.count('intermediate_size'),
    epsilon: json.positive('layer_norm_eps', 1e-12),
    tokenTypes: json.count('type_vocab_size', 2),
    groups: json.count('num_hidden_groups', 1),
    layersOfGroup,
    activation: activationOf(json, 'hidden_act', 'gelu_new', 'ALBERT'),
  };
}

const BASE = 'albert';
const PROJECTION = `${BASE}.encoder.embedding_hidden_mapping_in`;
const POOLER = `${BASE}.pooler`;

/** The weights of a group's layer. */
const sharedName = (group: number, layer: number): string =>
  `${BASE}.encoder.albert_layer_groups.${group}.albert_layers.${layer}`;

/** The weights that layer `i` of all uses. */
function layerName(c: AlbertConfig, i: number): string {
  const turns = c.layers / c.layersOfGroup;
  const turn = Math.floor(i / c.layersOfGroup);
  return sharedName(Math.floor(turn / (turns / c.groups)), i % c.layersOfGroup);
}

const sharedNames = (c: AlbertConfig): readonly string[] =>
  Array.from({ length: c.groups }, (_, group) =>
    Array.from({ length: c.layersOfGroup }, (_, layer) => sharedName(group, layer)),
  ).flat();

function linearModules(c: AlbertConfig): readonly LinearModule[] {
  return [
    linearModule(PROJECTION, c.embeddingSize, c.hiddenSize, true),
    ...sharedNames(c).flatMap((layer) => [
      ...['query', 'key', 'value', 'dense'].map((part) =>
        linearModule(`${layer}.attention.${part}`, c.hiddenSize, c.hiddenSize, true),
      ),
      linearModule(`${layer}.ffn`, c.hiddenSize, c.innerSize, true),
      linearModule(`${layer}.ffn_output`, c.innerSize, c.hiddenSize, true),
    ]),
    linearModule(POOLER, c.hiddenSize, c.hiddenSize, true),
  ];
}

function otherParameters(c: AlbertConfig): readonly Parameter[] {
  const norm = (name: string, size: number): readonly Parameter[] => [
    { name: `${name}.weight`, shape: [size] },
    { name: `${name}.bias`, shape: [size] },
  ];
  const embedding = (name: string, rows: number): Parameter => ({
    name: `${BASE}.embeddings.${name}.weight`,
    shape: [rows, c.embeddingSize],
  });
  return [
    embedding('word_embeddings', c.vocabularySize),
    embedding('position_embeddings', c.maxPositions),
    embedding('token_type_embeddings', c.tokenTypes),
    ...norm(`${BASE}.embeddings.LayerNorm`, c.embeddingSize),
    ...sharedNames(c).flatMap((layer) => [
      ...norm(`${layer}.attention.LayerNorm`, c.hiddenSize),
      ...norm(`${layer}.full_layer_layer_norm`, c.hiddenSize),
    ]),
    ...denseParameters('classifier', c.hiddenSize, c.classes),
  ];
}

function norm(m: ModelContext, c: AlbertConfig, name: string, x: Value): Value {
  return m.e.LayerNormalization(x, m.parameter(`${name}.weight`), m.parameter(`${name}.bias`), c.epsilon);
}

function body(m: ModelContext, c: AlbertConfig): Value {
  const embedding = (name: string, ids: Value): Value => m.embedding(`${BASE}.embeddings.${name}.weight`, ids);
  const words = m.e.Add(embedding('word_embeddings', m.tokens), embedding('token_type_embeddings', m.tokenTypes()));
  const placed = m.e.Add(words, embedding('position_embeddings', m.positions));
  let x = m.residual(m.linear(PROJECTION, norm(m, c, `${BASE}.embeddings.LayerNorm`, placed)));
  for (let i = 0; i < c.layers; i++) {
    const layer = layerName(c, i);
    x = norm(m, c, `${layer}.attention.LayerNorm`, m.e.Add(m.afterAttention(i, x), attention(m, c, layer, i, x)));
    const inner = activate(m.e, c.activation, m.linear(`${layer}.ffn`, x));
    x = m.residual(norm(m, c, `${layer}.full_layer_layer_norm`, m.e.Add(x, m.linear(`${layer}.ffn_output`, inner))));
  }
  return x;
}

function attention(m: ModelContext, c: AlbertConfig, layer: string, i: number, x: Value): Value {
  const { heads, keyValueHeads, headSize } = c;
  const project = (name: string): Value => m.linear(`${layer}.attention.${name}`, x);
  const [q, k, v] = [project('query'), project('key'), project('value')];
  const mixed = m.attention(i, { heads, keyValueHeads, headSize, scale: 1 / Math.sqrt(headSize) }, q, k, v);
  return m.linear(`${layer}.attention.dense`, m.afterAttention(i, mixed));
}

export const albert: Family<AlbertConfig> = {
  modelTypes: ['albert'],
  task: 'sequence-classification',
  readConfig,
  linearModules,
  otherParameters,
  // PEFT has no default for it; these are its query and value.
  defaultTargets: ['query', 'value'],
  otherHeads: [/^predictions\./, /^sop_classifier\./, /^qa_outputs\./],
  classifier: { modules: ['classifier'], pooling: [POOLER] },
  body,
  head: (m, _, hidden) => dense(m, 'classifier', m.e.Tanh(m.linear(POOLER, hidden))),
};
