import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  type ModelProto,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType,
  TensorProtoSchema,
  TypeProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import type { LstmTrunk, LstmWeights } from './lstmGraph.ts';

const { FLOAT } = TensorProto_DataType;

/** Inputs of the shortened program beside the ids, [N, w]. */
export const shortInputs = {
  /** State of the forward direction behind the padding that is left out, [1, N, hidden] each. */
  h: 'short.h',
  c: 'short.c',
  /** The largest value of each forward unit over that padding, [1, 1, hidden]. */
  largest: 'short.largest',
  /** Zeros, [steps of the backward direction over that padding, N, 1]. */
  pads: 'short.pads',
  /** What the backward direction tends to in the steps that are left out, [1, 1, hidden]; -1 where none are. */
  limit: 'short.limit',
} as const;

/** Outputs beside the model's own: the forward state behind the ids, and the backward one before the padding. */
export const shortOutputs = { h: 'short.h.out', c: 'short.c.out', end: 'short.end' } as const;

/**
 * The same model over the last w positions of its input, where all before them are padding. The forward direction reads
 * the padding first, so that its state there is the same for every text and is fed. The backward direction reads it
 * last: it takes those steps, or the first of them and then what it tends to, with the embedding of the padding already
 * multiplied into the bias, which leaves half of the work.
 */
export function shortenedLstm(model: ModelProto, trunk: LstmTrunk, pad: number): Uint8Array {
  const { graph } = model;
  const { hidden } = trunk;
  const state = (name: string, rows: number | string): ValueInfoProto => info(name, FLOAT, [1, rows, hidden]);
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: model.irVersion,
      producerName: 'rankscope',
      opsetImport: model.opsetImport,
      graph: create(GraphProtoSchema, {
        name: 'shortened',
        initializer: initializers(graph?.initializer ?? [], trunk, pad),
        input: [
          info(trunk.ids, TensorProto_DataType.INT64, ['N', 'W']),
          state(shortInputs.h, 'N'),
          state(shortInputs.c, 'N'),
          state(shortInputs.largest, 1),
          state(shortInputs.limit, 1),
          info(shortInputs.pads, FLOAT, ['P', 'N', 1]),
        ],
        node: [...nodes(trunk), ...trunk.head],
        output: [...(graph?.output ?? []), ...Object.values(shortOutputs).map((name) => state(name, 'N'))],
      }),
    }),
  );
}

function nodes(trunk: LstmTrunk): NodeProto[] {
  const largest = (of: string, name: string): NodeProto => node('ReduceMax', [of], [name], { axes: [0], keepdims: 0 });
  const { h, c, end } = shortOutputs;
  return [
    node('Gather', [trunk.embedding.name, trunk.ids], ['short.x']),
    node('Transpose', ['short.x'], ['short.xt'], { perm: [1, 0, 2] }),
    lstm(trunk, 'forward', 'short.forward', 'short.xt', [shortInputs.h, shortInputs.c], ['short.f', h, c]),
    lstm(trunk, 'reverse', 'short.backward', 'short.xt', [], ['short.b', 'short.bh', 'short.bc']),
    lstm(trunk, 'forward', 'short.padding', shortInputs.pads, ['short.bh', 'short.bc'], ['short.p', end]),
    largest('short.f', 'short.fm'),
    largest('short.b', 'short.bm'),
    largest('short.p', 'short.pm'),
    node('Max', ['short.fm', shortInputs.largest], ['short.fa']),
    node('Max', ['short.bm', 'short.pm', shortInputs.limit], ['short.ba']),
    node('Concat', ['short.fa', 'short.ba'], ['short.both'], { axis: 2 }),
    // The one direction that is left on the first axis goes.
    largest('short.both', trunk.pooled),
  ];
}

/** The model's own as far as the head needs them, and each direction's weights apart. */
function initializers(own: readonly TensorProto[], trunk: LstmTrunk, pad: number): TensorProto[] {
  const { hidden, embedding, directions, head } = trunk;
  const [forward, backward] = directions;
  const kept = new Set([...head.flatMap(({ input }) => input), embedding.name]);
  const direction = (name: string, { w, r, b }: LstmWeights, width: number): TensorProto[] => [
    tensor(`${name}.w`, w, [1, 4 * hidden, width]),
    tensor(`${name}.r`, r, [1, 4 * hidden, hidden]),
    tensor(`${name}.b`, b, [1, 8 * hidden]),
  ];
  const padding = { w: new Float32Array(4 * hidden), r: backward.r, b: biasOfPadding(trunk, pad) };
  return [
    ...own.filter(({ name }) => kept.has(name)),
    ...direction('short.forward', forward, embedding.columns),
    ...direction('short.backward', backward, embedding.columns),
    ...direction('short.padding', padding, 1),
  ];
}

/** [8 hidden]: the backward direction's bias with what the padding's embedding always adds to it. */
function biasOfPadding({ directions: [, { w, b }], embedding, hidden }: LstmTrunk, pad: number): Float32Array {
  const bias = Float32Array.from(b);
  const x = embedding.data.subarray(pad * embedding.columns, (pad + 1) * embedding.columns);
  for (let row = 0; row < 4 * hidden; row++) {
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += (w[row * x.length + i] ?? NaN) * (x[i] ?? NaN);
    bias[row] = (bias[row] ?? NaN) + sum;
  }
  return bias;
}

type Attributes = Readonly<Record<string, number | string | readonly number[]>>;

function lstm(
  { hidden, activations }: LstmTrunk,
  direction: 'forward' | 'reverse',
  weights: string,
  x: string,
  states: readonly string[],
  outputs: readonly string[],
) {
  const parts = [`${weights}.w`, `${weights}.r`, `${weights}.b`];
  const inputs = [x, ...parts, ...(states.length > 0 ? ['', ...states] : [])];
  const made = node('LSTM', inputs, outputs, { direction, hidden_size: hidden });
  made.attribute.push(...activations);
  return made;
}

function node(opType: string, input: readonly string[], output: readonly string[], attributes: Attributes = {}) {
  const attribute = Object.entries(attributes).map(([name, value]) => {
    if (typeof value === 'number')
      return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: BigInt(value) });
    if (typeof value === 'string') {
      const s = new TextEncoder().encode(value);
      return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.STRING, s });
    }
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: value.map(BigInt) });
  });
  return create(NodeProtoSchema, { opType, input: [...input], output: [...output], attribute });
}

function tensor(name: string, data: Float32Array, dims: readonly number[]) {
  const rawData = new Uint8Array(Float32Array.from(data).buffer);
  return create(TensorProtoSchema, { name, dataType: FLOAT, dims: dims.map(BigInt), rawData });
}

function info(name: string, elemType: TensorProto_DataType, shape: readonly (number | string)[]): ValueInfoProto {
  const dim = shape.map((size) => ({
    value:
      typeof size === 'number'
        ? { case: 'dimValue' as const, value: BigInt(size) }
        : { case: 'dimParam' as const, value: size },
  }));
  const type = create(TypeProtoSchema, { value: { case: 'tensorType', value: { elemType, shape: { dim } } } });
  return create(ValueInfoProtoSchema, { name, type });
}
