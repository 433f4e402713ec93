import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  GraphProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  TypeProtoSchema,
  ValueInfoProtoSchema,
  type AttributeProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf';
import type { DeviceName } from '../ops/device.ts';
import { IndexPrelude } from './indexPrelude.ts';
import { lower } from '../ops/lowering.ts';
import type { LoweredConstant, LoweredNode } from '../ops/loweredNode.ts';
import type { Constant, Graph } from '../ops/graph.ts';
import { widenWhereUsed } from './halfWeights.ts';
import { INTERRUPT } from './interrupt.ts';
import { readBlocks, type BlockedMatrix, type MappedTensor } from './quantisedWeights.ts';
import type { DType, Value } from '../ops/value.ts';

/** Where a frozen parameter's bytes lie, for a program that maps it from a file instead of being fed it. */
export interface ExternalData {
  /** Path relative to the model file. */
  readonly location: string;
  readonly offset: number;
  readonly length: number;
  /** float32 unless given. A float16 parameter is widened where it is used: see halfWeights.ts. */
  readonly dtype?: 'float32' | 'float16';
  /** Of a matrix that is kept in blocks of few bits, which lies in several stretches of the file: see quantisedWeights.ts. */
  readonly blocks?: BlockedMatrix;
}

const DATA_TYPES: Readonly<Record<DType | MappedTensor['dtype'], TensorProto_DataType>> = {
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  int64: TensorProto_DataType.INT64,
  int32: TensorProto_DataType.INT32,
  bool: TensorProto_DataType.BOOL,
  int8: TensorProto_DataType.INT8,
  uint8: TensorProto_DataType.UINT8,
  uint4: TensorProto_DataType.UINT4,
};

/** Opset 21 is the newest whose ops all have CPU kernels here; IR 10 goes with it. */
const OPSET = 21n;
const IR_VERSION = 10n;

/**
 * The program as an ONNX model file. Parameters become inputs, fed at each run, except those for which `external`
 * names a place: these become initialisers mapped from that file. Nodes that no output needs are left out. `inPlace`
 * adds what interrupt.ts describes. `device` decides how ops are spelled; off the CPU what an IndexPrelude computes are
 * inputs too. `packed` tells whether the program will be prepacked.
 */
export function serialize(
  graph: Graph,
  external: (parameter: string) => ExternalData | undefined = () => undefined,
  inPlace = false,
  device: DeviceName = 'cpu',
  packed = true,
): Uint8Array {
  const prelude = device === 'cpu' ? [] : new IndexPrelude(graph).nodes;
  const lowered = needed(graph).flatMap((node) => (prelude.includes(node) ? [] : lower(node, device)));
  const isHalf = (name: string): boolean => external(name)?.dtype === 'float16';
  const half = new Set(graph.parameters.map(({ name }) => name).filter(isHalf));
  const read = readBlocks(widenWhereUsed(lowered, half), blockedMatrices(graph, external), packed);
  const { nodes, renamings } = outputNames(graph, read.nodes, device);
  const used = new Set(nodes.flatMap((n) => n.inputs));
  for (const { value } of graph.outputs) used.add(value.name);
  const parameters = graph.parameters.filter((p) => used.has(p.name));
  const fed = parameters.filter((p) => !external(p.name));
  const interrupts = inPlace ? graph.outputs.slice(0, 1).map(({ value }) => interruptNode(value.name)) : [];
  const model = create(ModelProtoSchema, {
    irVersion: IR_VERSION,
    producerName: 'rankscope',
    opsetImport: [
      { domain: '', version: OPSET },
      { domain: 'com.microsoft', version: 1n },
    ],
    graph: create(GraphProtoSchema, {
      name: 'program',
      node: [...nodes.map(nodeProto), ...renamings, ...interrupts],
      input: [
        ...[...graph.inputs, ...prelude.flatMap((node) => node.outputs), ...fed]
          .filter((v) => used.has(v.name))
          .map((v) => valueInfo(v.name, v)),
        // An initialiser that might be overridden by an input is no constant, which would be widened at compilation.
        ...parameters.filter((p) => half.has(p.name)).map((p) => valueInfo(p.name, { ...p, dtype: 'float16' })),
        ...read.tensors.filter((t) => t.overridable).map((t) => valueInfo(t.name, { dtype: t.dtype, shape: t.dims })),
      ],
      output: [...interrupts.map(interruptInfo), ...graph.outputs.map(({ name, value }) => valueInfo(name, value))],
      initializer: [
        ...graph.constants.filter((c) => used.has(c.name)).map(constantTensor),
        ...nodes.flatMap((n) => n.constants.map(loweredConstant)),
        ...parameters.flatMap((p) => externalTensor(p, external(p.name))),
        ...read.tensors.map((t) => mappedTensor(t.name, DATA_TYPES[t.dtype], t.dims, t)),
      ],
    }),
  });
  return toBinary(ModelProtoSchema, model);
}

function blockedMatrices(
  graph: Graph,
  external: (parameter: string) => ExternalData | undefined,
): ReadonlyMap<string, BlockedMatrix> {
  const entries = graph.parameters.flatMap(({ name }) => {
    const blocks = external(name)?.blocks;
    return blocks ? [[name, blocks] as const] : [];
  });
  return new Map(entries);
}

/** The nodes that some output depends on, in order. */
function needed(graph: Graph): Graph['nodes'] {
  const wanted = new Set(graph.outputs.map(({ value }) => value.node));
  for (const node of graph.nodes.toReversed()) {
    if (wanted.has(node)) for (const input of node.inputs) if (input?.node) wanted.add(input.node);
  }
  return graph.nodes.filter((node) => wanted.has(node));
}

/**
 * Outputs have names of their own: by a node that renames each, or off the CPU, where there is none for int64, by
 * renaming what computes it.
 */
function outputNames(
  graph: Graph,
  nodes: readonly LoweredNode[],
  device: DeviceName,
): { readonly nodes: readonly LoweredNode[]; readonly renamings: readonly NodeProto[] } {
  const names = new Map<string, string>();
  const renamings: NodeProto[] = [];
  const computed = new Set(nodes.flatMap(({ outputs }) => outputs));
  for (const { name, value } of graph.outputs) {
    if (device !== 'cpu' && computed.has(value.name) && !names.has(value.name)) names.set(value.name, name);
    else renamings.push(renamed(names.get(value.name) ?? value.name, name));
  }
  if (names.size === 0) return { nodes, renamings };
  const renameAll = (list: readonly string[]): string[] => list.map((name) => names.get(name) ?? name);
  return {
    nodes: nodes.map((node) => ({ ...node, inputs: renameAll(node.inputs), outputs: renameAll(node.outputs) })),
    renamings,
  };
}

function nodeProto(node: LoweredNode): NodeProto {
  return create(NodeProtoSchema, {
    opType: node.op,
    domain: node.domain,
    name: node.name,
    input: [...node.inputs],
    output: [...node.outputs],
    attribute: Object.entries(node.attributes).map(([name, value]) => attribute(name, value)),
  });
}

function renamed(from: string, to: string): NodeProto {
  return create(NodeProtoSchema, { opType: 'Identity', name: `output/${to}`, input: [from], output: [to] });
}

function interruptNode(input: string): NodeProto {
  return create(NodeProtoSchema, { opType: 'SequenceConstruct', name: INTERRUPT, input: [input], output: [INTERRUPT] });
}

function interruptInfo(): ValueInfoProto {
  const elemType = create(TypeProtoSchema, { value: { case: 'tensorType', value: { elemType: DATA_TYPES.float32 } } });
  const type = create(TypeProtoSchema, { value: { case: 'sequenceType', value: { elemType } } });
  return create(ValueInfoProtoSchema, { name: INTERRUPT, type });
}

function attribute(name: string, value: LoweredNode['attributes'][string]): AttributeProto {
  if (typeof value === 'bigint')
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INT, i: value });
  if (typeof value === 'number')
    return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.FLOAT, f: value });
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeProto_AttributeType.STRING,
      s: new TextEncoder().encode(value),
    });
  }
  return create(AttributeProtoSchema, { name, type: AttributeProto_AttributeType.INTS, ints: [...value] });
}

function valueInfo(
  name: string,
  { dtype, shape }: { readonly dtype: keyof typeof DATA_TYPES; readonly shape: Value['shape'] },
): ValueInfoProto {
  const dim = shape.map((d) => ({
    value:
      typeof d === 'number' ? { case: 'dimValue' as const, value: BigInt(d) } : { case: 'dimParam' as const, value: d },
  }));
  const type = create(TypeProtoSchema, {
    value: { case: 'tensorType', value: { elemType: DATA_TYPES[dtype], shape: { dim } } },
  });
  return create(ValueInfoProtoSchema, { name, type });
}

function constantTensor({ name, dtype, shape, data }: Constant): TensorProto {
  const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  return create(TensorProtoSchema, {
    name,
    dataType: DATA_TYPES[dtype],
    dims: shape.map((d) => BigInt(d)),
    rawData: bytes,
  });
}

function loweredConstant(constant: LoweredConstant): TensorProto {
  const { name } = constant;
  const [dataType, dims, data] =
    'scalar' in constant
      ? [TensorProto_DataType.FLOAT, [], Float32Array.of(constant.scalar)]
      : [TensorProto_DataType.INT64, [BigInt(constant.data.length)], BigInt64Array.from(constant.data, BigInt)];
  return create(TensorProtoSchema, { name, dataType, dims, rawData: new Uint8Array(data.buffer) });
}

function externalTensor({ name, dtype, shape }: Value, place: ExternalData | undefined): TensorProto[] {
  return place ? [mappedTensor(name, DATA_TYPES[place.dtype ?? dtype], shape.map(Number), place)] : [];
}

function mappedTensor(
  name: string,
  dataType: TensorProto_DataType,
  dims: readonly number[],
  { location, offset, length }: Pick<ExternalData, 'location' | 'offset' | 'length'>,
): TensorProto {
  return create(TensorProtoSchema, {
    name,
    dataType,
    dims: dims.map((d) => BigInt(d)),
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: [
      { key: 'location', value: location },
      { key: 'offset', value: String(offset) },
      { key: 'length', value: String(length) },
    ],
  });
}
