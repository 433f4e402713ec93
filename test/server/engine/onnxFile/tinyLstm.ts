/** A text classifier of the make of Keras's, small and random: embedding, bidirectional LSTM, maximum over time, head. */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as Kind,
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataType as Type,
  TensorProtoSchema,
} from 'onnx-buf';
import { createRandom, normal } from '../../../../server/random/random.ts';

export interface TinyOptions {
  readonly length?: number;
  /** Added to the biases of the forget gates: with a large one a state never forgets. */
  readonly forget?: number;
  readonly activations?: readonly string[];
}

const [vocabulary, width, hidden, labels] = [30, 4, 5, 2];

export function tinyLstm({ length = 40, forget = 0, activations = [] }: TinyOptions = {}): Uint8Array {
  const random = createRandom(3);
  const draw = (...dims: number[]) => {
    const data = Float32Array.from({ length: dims.reduce((a, b) => a * b) }, () => normal(random));
    return { data, dims };
  };
  const bias = draw(2, 8 * hidden);
  // ONNX orders gates input, output, forget, cell.
  for (const from of [0, 8 * hidden]) for (let i = 0; i < hidden; i++) bias.data[from + 2 * hidden + i]! += forget;
  const weights = {
    table: draw(vocabulary, width),
    W: draw(2, 4 * hidden, width),
    R: draw(2, 4 * hidden, hidden),
    B: bias,
    head: draw(2 * hidden, labels),
  };
  const shape = new Uint8Array(BigInt64Array.of(0n, -1n, BigInt(2 * hidden)).buffer);
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion: 9n,
      opsetImport: [{ domain: '', version: 17n }],
      graph: {
        name: 'tiny',
        input: [valueInfo('ids', Type.INT64, length)],
        output: [valueInfo('scores', Type.FLOAT, labels)],
        initializer: [
          ...Object.entries(weights).map(([name, { data, dims }]) =>
            create(TensorProtoSchema, {
              name,
              dataType: Type.FLOAT,
              dims: dims.map(BigInt),
              rawData: new Uint8Array(data.buffer),
            }),
          ),
          create(TensorProtoSchema, { name: 'shape', dataType: Type.INT64, dims: [3n], rawData: shape }),
        ],
        node: [
          node('Gather', ['table', 'ids'], 'x'),
          node('Transpose', ['x'], 'xt', { perm: [1, 0, 2] }),
          node('LSTM', ['xt', 'W', 'R', 'B'], 'y', {
            direction: 'bidirectional',
            hidden_size: hidden,
            ...(activations.length > 0 && { activations: [...activations, ...activations] }),
          }),
          node('Transpose', ['y'], 'yt', { perm: [2, 0, 1, 3] }),
          node('Reshape', ['yt', 'shape'], 'yr'),
          node('ReduceMax', ['yr'], 'm', { axes: [1], keepdims: 0 }),
          node('MatMul', ['m', 'head'], 'z'),
          node('Sigmoid', ['z'], 'scores'),
        ],
      },
    }),
  );
}

type Attribute = number | string | readonly number[] | readonly string[];

function node(opType: string, input: string[], output: string, attributes: Readonly<Record<string, Attribute>> = {}) {
  const attribute = Object.entries(attributes).map(([name, value]) => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    if (typeof value === 'number') return create(AttributeProtoSchema, { name, type: Kind.INT, i: BigInt(value) });
    if (typeof value === 'string') return create(AttributeProtoSchema, { name, type: Kind.STRING, s: bytes(value) });
    return typeof value[0] === 'string'
      ? create(AttributeProtoSchema, { name, type: Kind.STRINGS, strings: value.map(String).map(bytes) })
      : create(AttributeProtoSchema, { name, type: Kind.INTS, ints: value.map(BigInt) });
  });
  return create(NodeProtoSchema, { opType, input, output: [output], attribute });
}

function valueInfo(name: string, elemType: Type, columns: number) {
  const dim = [
    { value: { case: 'dimParam' as const, value: 'N' } },
    { value: { case: 'dimValue' as const, value: BigInt(columns) } },
  ];
  return { name, type: { value: { case: 'tensorType' as const, value: { elemType, shape: { dim } } } } };
}
