import { internal } from '../../../protocol/errors.ts';
import type { Value } from '../../ops/value.ts';
import { activate } from './activations.ts';
import type { ConfigReader } from '../configReader.ts';
import type { DecoderConfig } from './decoderConfig.ts';
import type { Family } from '../family.ts';
import { linearModule, type LinearModule, type Parameter } from '../modelConfig.ts';
import type { ModelContext } from '../modelContext.ts';
import { rotaryTables } from './rotaryTables.ts';

const layerName = (i: number): string => `model.layers.${i}`;
const queryWidth = (c: DecoderConfig): number => c.heads * c.headSize;
const keyWidth = (c: DecoderConfig): number => c.keyValueHeads * c.headSize;

/** The norms of a layer by their names in the checkpoint: what attention and MLP read, and what they give. */
const NORMS = {
  before: { attention: ['input_layernorm', undefined], mlp: ['post_attention_layernorm', undefined] },
  after: { attention: [undefined, 'post_attention_layernorm'], mlp: [undefined, 'post_feedforward_layernorm'] },
  around: {
    attention: ['input_layernorm', 'post_attention_layernorm'],
    mlp: ['pre_feedforward_layernorm', 'post_feedforward_layernorm'],
  },
} as const;

function linearModules(c: DecoderConfig): readonly LinearModule[] {
  return Array.from({ length: c.layers }, (_, i) => {
    const module = (path: string, inFeatures: number, outFeatures: number, bias: boolean): LinearModule =>
      linearModule(`${layerName(i)}.${path}`, inFeatures, outFeatures, bias);
    const [queries, keys] = [queryWidth(c), keyWidth(c)];
    const { qkv, output, mlp } = c.biases;
    const projections = c.fused
      ? [module('self_attn.qkv_proj', c.hiddenSize, queries + 2 * keys, qkv)]
      : [
          module('self_attn.q_proj', c.hiddenSize, queries, qkv),
          module('self_attn.k_proj', c.hiddenSize, keys, qkv),
          module('self_attn.v_proj', c.hiddenSize, keys, qkv),
        ];
    const gates = c.fused
      ? [module('mlp.gate_up_proj', c.hiddenSize, 2 * c.intermediateSize, mlp)]
      : [
          module('mlp.gate_proj', c.hiddenSize, c.intermediateSize, mlp),
          module('mlp.up_proj', c.hiddenSize, c.intermediateSize, mlp),
        ];
    return [
      ...projections,
      module('self_attn.o_proj', queries, c.hiddenSize, output),
      ...gates,
      module('mlp.down_proj', c.intermediateSize, c.hiddenSize, mlp),
    ];
  }).flat();
}

function otherParameters(c: DecoderConfig): readonly Parameter[] {
  const vector = (name: string, size = c.hiddenSize): Parameter => ({ name: `${name}.weight`, shape: [size] });
  const words = [c.vocabularySize, c.hiddenSize];
  const { attention, mlp } = NORMS[c.norms];
  const perHead = c.headNorms === 'each';
  const layer = (i: number): readonly Parameter[] => [
    ...[...attention, ...mlp].flatMap((name) => (name === undefined ? [] : [vector(`${layerName(i)}.${name}`)])),
    ...(c.headNorms === 'none'
      ? []
      : [
          vector(`${layerName(i)}.self_attn.q_norm`, perHead ? c.headSize : queryWidth(c)),
          vector(`${layerName(i)}.self_attn.k_norm`, perHead ? c.headSize : keyWidth(c)),
        ]),
  ];
  return [
    { name: 'model.embed_tokens.weight', shape: words },
    ...Array.from({ length: c.layers }, (_, i) => layer(i)).flat(),
    vector('model.norm'),
    ...(c.tiedHead ? [] : [{ name: 'lm_head.weight', shape: words }]),
    ...c.ropes.flatMap((rope) => rotaryTables(rope, c.maxPositions)),
  ];
}

function norm(m: ModelContext, c: DecoderConfig, name: string, x: Value): Value {
  const weight = m.parameter(`${name}.weight`);
  const factor = c.unitOffset ? m.e.Add(weight, m.e.scalar(1)) : weight;
  return m.e.SimplifiedLayerNormalization(x, factor, c.epsilon);
}

const times = (m: ModelContext, x: Value, factor: number): Value => m.e.Mul(x, m.e.scalar(factor));

function body(m: ModelContext, c: DecoderConfig): Value {
  let x = m.residual(times(m, m.embedding('model.embed_tokens.weight', m.tokens), c.embeddingFactor));
  for (let i = 0; i < c.layers; i++) {
    x = attention(m, c, i, x);
    x = m.residual(mlp(m, c, i, x));
  }
  return x;
}

/** What a part reads of the residual stream, and what it adds to it: `last` is the part's last linear map. */
interface Part {
  readonly before: string | undefined;
  readonly after: string | undefined;
  readonly last: string;
}

function partOf(c: DecoderConfig, i: number, kind: 'attention' | 'mlp', last: string): Part {
  const [before, after] = NORMS[c.norms][kind];
  const name = (norm: string | undefined): string | undefined => norm && `${layerName(i)}.${norm}`;
  return { before: name(before), after: name(after), last: `${layerName(i)}.${last}` };
}

const read = (m: ModelContext, c: DecoderConfig, { before }: Part, x: Value): Value =>
  before === undefined ? x : norm(m, c, before, x);

/** x + factor norm(W inner), without the norm or the factor where there is none. */
function added(m: ModelContext, c: DecoderConfig, { after, last }: Part, inner: Value, x: Value): Value {
  if (after === undefined && c.residualFactor === 1) return m.linear(last, inner, x);
  const y = m.linear(last, inner);
  return m.e.Add(x, times(m, after === undefined ? y : norm(m, c, after, y), c.residualFactor));
}

function attention(m: ModelContext, c: DecoderConfig, i: number, x: Value): Value {
  const part = partOf(c, i, 'attention', 'self_attn.o_proj');
  const { heads, keyValueHeads, headSize, scoreScale: scale, scoreCap: cap } = c;
  const { rope, windowed = false } = c.layerKinds[i] ?? {};
  const [q, k, v] = projections(m, c, `${layerName(i)}.self_attn`, read(m, c, part, x));
  const placed = (y: Value, count: number): Value => {
    const table = rope === undefined ? undefined : c.ropes[rope];
    return table ? m.rotary(y, { heads: count, headSize }, table) : y;
  };
  const [queries, keys] = [placed(q, heads), placed(k, keyValueHeads)];
  const mixed = m.attention(i, { heads, keyValueHeads, headSize, scale, cap, windowed }, queries, keys, v);
  return added(m, c, part, m.afterAttention(i, mixed), m.afterAttention(i, x));
}

/** Queries, keys and values of the rows of x, queries and keys normalised where the family does so. */
function projections(m: ModelContext, c: DecoderConfig, name: string, x: Value): readonly [Value, Value, Value] {
  const [q, k, v] = c.fused
    ? m.e.Split(m.linear(`${name}.qkv_proj`, x), 1, queryWidth(c), keyWidth(c), keyWidth(c))
    : [m.linear(`${name}.q_proj`, x), m.linear(`${name}.k_proj`, x), m.linear(`${name}.v_proj`, x)];
  if (!q || !k || !v) throw internal('The fused projection did not split in three.');
  return [headNorm(m, c, `${name}.q_norm`, q), headNorm(m, c, `${name}.k_norm`, k), v];
}

/** The norm of queries or keys, [T, heads x headSize]. */
function headNorm(m: ModelContext, c: DecoderConfig, name: string, x: Value): Value {
  if (c.headNorms === 'none') return x;
  if (c.headNorms === 'all') return norm(m, c, name, x);
  const width = Number(x.shape[1]);
  const heads = m.e.Reshape(x, 'T', width / c.headSize, c.headSize);
  return m.e.Reshape(norm(m, c, name, heads), 'T', width);
}

function mlp(m: ModelContext, c: DecoderConfig, i: number, x: Value): Value {
  const part = partOf(c, i, 'mlp', 'mlp.down_proj');
  const y = read(m, c, part, x);
  const name = `${layerName(i)}.mlp`;
  const [gate, up] = c.fused
    ? m.e.Split(m.linear(`${name}.gate_up_proj`, y), 1, c.intermediateSize, c.intermediateSize)
    : [m.linear(`${name}.gate_proj`, y), m.linear(`${name}.up_proj`, y)];
  if (!gate || !up) throw internal('The fused projection did not split in two.');
  return added(m, c, part, m.e.Mul(activate(m.e, c.activation, gate), up), x);
}

function head(m: ModelContext, c: DecoderConfig, hidden: Value): Value {
  const normed = times(m, norm(m, c, 'model.norm', hidden), c.logitFactor);
  const weight = m.parameter(c.tiedHead ? 'model.embed_tokens.weight' : 'lm_head.weight');
  const logits = m.e.Gemm(normed, weight, { transB: 1 });
  return c.logitCap === undefined ? logits : times(m, m.e.Tanh(times(m, logits, 1 / c.logitCap)), c.logitCap);
}

/** A family of this definition: its name, its configuration, and where PEFT puts adapters unless told otherwise. */
export function decoderFamily(
  modelType: string,
  readConfig: (json: ConfigReader) => DecoderConfig,
  defaultTargets: readonly string[] = ['q_proj', 'v_proj'],
): Family<DecoderConfig> {
  return {
    modelTypes: [modelType],
    task: 'causal-lm',
    readConfig,
    linearModules,
    otherParameters,
    defaultTargets,
    body,
    head,
  };
}
