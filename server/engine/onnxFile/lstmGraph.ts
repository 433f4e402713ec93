import { create } from '@bufbuild/protobuf';
import {
  type AttributeProto,
  AttributeProtoSchema,
  type GraphProto,
  type NodeProto,
  type TensorProto,
  TensorProto_DataType,
} from 'onnx-buf';

/**
 * The trunk of a Keras text classifier: an embedding, one bidirectional LSTM over all positions, and the largest value
 * of each unit over time. Whatever follows is its head.
 */
export interface LstmTrunk {
  /** Name of the graph's input, ids [N, T]. */
  readonly ids: string;
  /** Positions of its input, padding among them. */
  readonly length: number;
  readonly hidden: number;
  readonly embedding: Matrix & { readonly name: string };
  /** Attributes of one direction's activations, where they are not ONNX's usual ones. */
  readonly activations: readonly AttributeProto[];
  /** Of each direction: [4 hidden, input], [4 hidden, hidden] and [8 hidden]. */
  readonly directions: readonly [forward: LstmWeights, backward: LstmWeights];
  /** Nodes that are not part of the trunk. */
  readonly head: readonly NodeProto[];
  /** Name of what the head begins with, [N, 2 hidden]. */
  readonly pooled: string;
}

export interface LstmWeights {
  readonly w: Float32Array;
  readonly r: Float32Array;
  readonly b: Float32Array;
}

interface Matrix {
  readonly data: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

const trunkOps = ['Gather', 'Transpose', 'LSTM', 'Transpose', 'Reshape', 'ReduceMax'] as const;

/** The trunk of a graph; undefined for a graph of any other make, or where anything of it is used a second time. */
export function lstmTrunk(graph: GraphProto): LstmTrunk | undefined {
  const [input, another] = graph.input;
  const length = lengthOf(input);
  if (input === undefined || another !== undefined || length === undefined) return undefined;
  const chain = chainFrom(graph, input.name);
  if (chain === undefined) return undefined;
  const [gather, before, lstm, after, , max] = chain;
  const plain =
    ints(before, 'perm') === '1,0,2' &&
    ints(after, 'perm') === '2,0,1,3' &&
    ints(max, 'axes') === '1' &&
    keepsNothing(max);
  const table = tensorOf(graph, gather.input[0]);
  const weights = plain ? lstmWeights(graph, lstm) : undefined;
  if (table === undefined || weights === undefined || gather.input[1] !== input.name) return undefined;
  return {
    ids: input.name,
    length,
    hidden: weights.hidden,
    embedding: { name: gather.input[0] ?? '', ...table },
    directions: weights.directions,
    activations: weights.activations,
    head: graph.node.filter((node) => !chain.includes(node)),
    pooled: max.output[0] ?? '',
  };
}

type Chain = readonly [NodeProto, NodeProto, NodeProto, NodeProto, NodeProto, NodeProto];

function chainFrom({ node, output }: GraphProto, start: string): Chain | undefined {
  const chain: NodeProto[] = [];
  let name = start;
  for (const op of trunkOps) {
    const users = node.filter(({ input }) => input.includes(name));
    const [only] = users;
    if (users.length !== 1 || only?.opType !== op || output.some((one) => one.name === name)) return undefined;
    chain.push(only);
    name = only.output[0] ?? '';
  }
  return chain as unknown as Chain;
}

function lengthOf(input: GraphProto['input'][number] | undefined): number | undefined {
  const type = input?.type?.value;
  const dims = type?.case === 'tensorType' ? (type.value.shape?.dim ?? []) : [];
  const last = dims[1]?.value;
  return dims.length === 2 && last?.case === 'dimValue' ? Number(last.value) : undefined;
}

/** Those of a bidirectional LSTM without peepholes, clipping or given states, whose directions are of one kind. */
function lstmWeights(graph: GraphProto, lstm: NodeProto) {
  const [, wName, rName, bName, ...others] = lstm.input;
  const direction = new TextDecoder().decode(attribute(lstm, 'direction')?.s);
  const unusual = ['clip', 'input_forget', 'layout'].some((name) => isSet(attribute(lstm, name)));
  if (direction !== 'bidirectional' || unusual || others.some((name) => name !== '')) return undefined;
  const activations = halfActivations(lstm);
  if (activations === undefined) return undefined;
  const [w, r, b] = [wName, rName, bName].map((name) => tensorOf(graph, name));
  const hidden = Number(attribute(lstm, 'hidden_size')?.i ?? 0);
  if (w === undefined || r === undefined || b === undefined || hidden === 0) return undefined;
  if (r.data.length !== 8 * hidden * hidden || b.data.length !== 16 * hidden) return undefined;
  const part = ({ data }: Matrix, which: 0 | 1): Float32Array => {
    const size = data.length / 2;
    return data.subarray(which * size, (which + 1) * size);
  };
  const of = (which: 0 | 1): LstmWeights => ({ w: part(w, which), r: part(r, which), b: part(b, which) });
  return { hidden, activations, directions: [of(0), of(1)] as const };
}

/** The activations are listed for both directions, one after the other. */
function halfActivations(lstm: NodeProto): readonly AttributeProto[] | undefined {
  const found = ['activations', 'activation_alpha', 'activation_beta'].flatMap((name) => attribute(lstm, name) ?? []);
  const halves = found.map((one) => {
    const strings = half(one.strings, (a, b) => String(a) === String(b));
    const floats = half(one.floats, (a, b) => a === b);
    return strings && floats && create(AttributeProtoSchema, { name: one.name, type: one.type, strings, floats });
  });
  const known = halves.filter((one) => one !== undefined);
  return known.length === halves.length ? known : undefined;
}

function half<T>(list: readonly T[], same: (a: T, b: T) => boolean): T[] | undefined {
  const [first, second] = [list.slice(0, list.length / 2), list.slice(list.length / 2)];
  return first.length === second.length && first.every((one, i) => same(one, second[i] as T)) ? first : undefined;
}

function attribute(node: NodeProto, name: string) {
  return node.attribute.find((one) => one.name === name);
}

function isSet(given: ReturnType<typeof attribute>): boolean {
  return given !== undefined && (given.i !== 0n || given.f !== 0 || given.strings.length > 0);
}

function ints(node: NodeProto, name: string): string {
  return attribute(node, name)?.ints.join(',') ?? '';
}

function keepsNothing(node: NodeProto): boolean {
  return attribute(node, 'keepdims')?.i === 0n;
}

/** An initialiser of float32 as a matrix: its last size and the product of the others. */
function tensorOf({ initializer }: GraphProto, name: string | undefined): Matrix | undefined {
  const tensor = initializer.find((one) => one.name === name);
  if (tensor?.dataType !== TensorProto_DataType.FLOAT || tensor.dims.length < 2) return undefined;
  const data = floatsOf(tensor);
  const columns = Number(tensor.dims.at(-1));
  const rows = data.length / columns;
  return Number.isInteger(rows) ? { data, rows, columns } : undefined;
}

function floatsOf({ rawData, floatData }: TensorProto): Float32Array {
  return rawData.length === 0 ? Float32Array.from(floatData) : new Float32Array(Uint8Array.from(rawData).buffer);
}
