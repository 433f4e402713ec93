import type { Value } from '../../ops/value.ts';
import { activate, activationOf, type Activation } from './activations.ts';
import { readClassification } from '../classification.ts';
import type { ConfigReader } from '../configReader.ts';
import { linearModule, type LinearModule, type ModelConfig, type Parameter } from '../modelConfig.ts';
import type { ModelContext } from '../modelContext.ts';

/**
 * What BERT (arXiv 1810.04805), RoBERTa (arXiv 1907.11692) and ELECTRA (arXiv 2003.10555) share: everything but the head,
 * where positions begin, and how wide embeddings are.
 */
export interface BertConfig extends ModelConfig {
  readonly classes: number;
  readonly innerSize: number;
  /** Width of the embeddings, which are projected where it is not that of the layers. */
  readonly embeddingSize: number;
  readonly epsilon: number;
  readonly tokenTypes: number;
  /** Row of the position table that the first token has. */
  readonly firstPosition: number;
  readonly activation: Activation;
}

export function readBertConfig(json: ConfigReader, family: string, firstPosition: number): BertConfig {
  const positions = json.text('position_embedding_type', 'absolute');
  if (positions !== 'absolute') throw json.unsupported(`"position_embedding_type" ${JSON.stringify(positions)}`);
  if (json.flag('is_decoder', false)) throw json.unsupported(`A ${family} that is a decoder`);
  const hiddenSize = json.count('hidden_size');
  const heads = json.count('num_attention_heads');
  const classification = readClassification(json);
  return {
    vocabularySize: json.count('vocab_size'),
    hiddenSize,
    layers: json.count('num_hidden_layers'),
    heads,
    keyValueHeads: heads,
    headSize: hiddenSize / heads,
    maxPositions: json.count('max_position_embeddings') - firstPosition,
    bidirectional: true,
    classification,
    classes: classification.labels.length,
    innerSize: json.count('intermediate_size'),
    embeddingSize: hiddenSize,
    epsilon: json.positive('layer_norm_eps', 1e-12),
    tokenTypes: json.count('type_vocab_size', 2),
    firstPosition,
    activation: activationOf(json, 'hidden_act', 'gelu', family),
  };
}

const layerName = (base: string, i: number): string => `${base}.encoder.layer.${i}`;

const projection = (base: string): string => `${base}.embeddings_project`;
const isProjected = (c: BertConfig): boolean => c.embeddingSize !== c.hiddenSize;

export function encoderModules(c: BertConfig, base: string): readonly LinearModule[] {
  const layers = Array.from({ length: c.layers }, (_, i) => {
    const module = (path: string, inFeatures: number, outFeatures: number): LinearModule => ({
      name: `${layerName(base, i)}.${path}`,
      inFeatures,
      outFeatures,
      layout: 'out-in',
      bias: true,
    });
    return [
      ...['query', 'key', 'value'].map((part) => module(`attention.self.${part}`, c.hiddenSize, c.hiddenSize)),
      module('attention.output.dense', c.hiddenSize, c.hiddenSize),
      module('intermediate.dense', c.hiddenSize, c.innerSize),
      module('output.dense', c.innerSize, c.hiddenSize),
    ];
  }).flat();
  return isProjected(c) ? [linearModule(projection(base), c.embeddingSize, c.hiddenSize, true), ...layers] : layers;
}

/** The norms and embeddings. */
export function encoderParameters(c: BertConfig, base: string): readonly Parameter[] {
  const norm = (name: string, size = c.hiddenSize): readonly Parameter[] => [
    { name: `${name}.LayerNorm.weight`, shape: [size] },
    { name: `${name}.LayerNorm.bias`, shape: [size] },
  ];
  const embedding = (name: string, rows: number): Parameter => ({
    name: `${base}.embeddings.${name}.weight`,
    shape: [rows, c.embeddingSize],
  });
  return [
    embedding('word_embeddings', c.vocabularySize),
    embedding('position_embeddings', c.maxPositions + c.firstPosition),
    embedding('token_type_embeddings', c.tokenTypes),
    ...norm(`${base}.embeddings`, c.embeddingSize),
    ...Array.from({ length: c.layers }, (_, i) => [
      ...norm(`${layerName(base, i)}.attention.output`),
      ...norm(`${layerName(base, i)}.output`),
    ]).flat(),
  ];
}

function norm(m: ModelContext, c: BertConfig, name: string, x: Value): Value {
  const [weight, bias] = [m.parameter(`${name}.LayerNorm.weight`), m.parameter(`${name}.LayerNorm.bias`)];
  return m.e.LayerNormalization(x, weight, bias, c.epsilon);
}

/** From tokens, positions and token types through all layers, a norm after each part. */
export function encoderBody(m: ModelContext, c: BertConfig, base: string): Value {
  const embedding = (name: string, ids: Value): Value => m.embedding(`${base}.embeddings.${name}.weight`, ids);
  const words = m.e.Add(embedding('word_embeddings', m.tokens), embedding('token_type_embeddings', m.tokenTypes()));
  const placed = m.e.Add(words, embedding('position_embeddings', m.positionsFrom(c.firstPosition)));
  const embedded = norm(m, c, `${base}.embeddings`, placed);
  let x = m.residual(isProjected(c) ? m.linear(projection(base), embedded) : embedded);
  for (let i = 0; i < c.layers; i++) {
    const layer = layerName(base, i);
    x = norm(m, c, `${layer}.attention.output`, m.e.Add(m.afterAttention(i, x), attention(m, c, layer, i, x)));
    const inner = activate(m.e, c.activation, m.linear(`${layer}.intermediate.dense`, x));
    x = m.residual(norm(m, c, `${layer}.output`, m.e.Add(x, m.linear(`${layer}.output.dense`, inner))));
  }
  return x;
}

function attention(m: ModelContext, c: BertConfig, layer: string, i: number, x: Value): Value {
  const { heads, keyValueHeads, headSize } = c;
  const project = (name: string): Value => m.linear(`${layer}.attention.self.${name}`, x);
  const [q, k, v] = [project('query'), project('key'), project('value')];
  const mixed = m.attention(i, { heads, keyValueHeads, headSize, scale: 1 / Math.sqrt(headSize) }, q, k, v);
  return m.linear(`${layer}.attention.output.dense`, m.afterAttention(i, mixed));
}
