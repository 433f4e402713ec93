import type { DeviceName } from './device.ts';
import type { Node } from './value.ts';
import { deviceLowering } from './deviceLowering.ts';
import { Steps, write, type Attributes, type LoweredNode, type Lowering } from './loweredNode.ts';
import type { OpAttributes, OpName } from './opTable.ts';

/** How each op is written for ONNX Runtime on a device: the table below, but for what deviceLowering.ts has otherwise. */
export function lower<K extends OpName>(node: Node<K>, device: DeviceName = 'cpu'): readonly LoweredNode[] {
  return (deviceLowering(device)[node.op] ?? lowerings[node.op])(node);
}

const plain = (node: Node): readonly LoweredNode[] => write(node);
const contrib = (node: Node): readonly LoweredNode[] => write(node, {}, { domain: 'com.microsoft' });
const lastAxis = (node: Node): readonly LoweredNode[] => write(node, { axis: -1n });

/** The op with a list of sizes or axes as its last input. */
function withList(node: Node, data: readonly number[], attributes: Attributes = {}): readonly LoweredNode[] {
  const name = `${node.name}/list`;
  const inputs = [...node.inputs.map((v) => v?.name ?? ''), name];
  return write(node, attributes, { inputs, constants: [{ name, data }] });
}

function normalisation(node: Node<'LayerNormalization' | 'SimplifiedLayerNormalization'>): readonly LoweredNode[] {
  const [y, ...statistics] = node.outputs.map((v) => v.name);
  // SimplifiedLayerNormalization's outputs are y and the inverse deviation; LayerNormalization's y, mean, inverse deviation.
  return write(
    node,
    { axis: -1n, epsilon: node.attributes.epsilon, stash_type: 1n },
    { outputs: [y ?? '', ...statistics] },
  );
}

/** 0 copies a size from the input, -1 infers one. */
function reshape(node: Node<'Reshape'>): readonly LoweredNode[] {
  const source = node.inputs[0]?.shape ?? [];
  return withList(
    node,
    node.attributes.shape.map((d, i) => (typeof d === 'number' ? d : d === source[i] ? 0 : -1)),
  );
}

function zerosLike(node: Node): readonly LoweredNode[] {
  const shape = `${node.name}/shape`;
  return [
    ...write(node, {}, { op: 'Shape', name: shape, outputs: [shape] }),
    ...write(node, {}, { op: 'ConstantOfShape', inputs: [shape] }),
  ];
}

/**
 * x but where the sum of y is greater than itself, which not even infinity and NaN are. A shape taken from y would spare the
 * copy of x, but ONNX Runtime takes shapes from whichever value is known to have the same.
 */
function after(node: Node): readonly LoweredNode[] {
  const [x, y] = node.inputs;
  const steps = new Steps(node);
  const axes = (y?.shape ?? []).map((_, axis) => axis);
  const sum = steps.add('ReduceSum', [y?.name ?? ''], undefined, { keepdims: 0n }, axes);
  steps.add('Where', [steps.add('Greater', [sum, sum]), 0, x?.name ?? ''], node.outputs[0]?.name);
  return steps.nodes;
}

/** The inverse index is for the gradient alone. */
function gatherRows(node: Node): readonly LoweredNode[] {
  const [data, index] = node.inputs;
  return write(node, { axis: 0n }, { op: 'Gather', inputs: [data?.name ?? '', index?.name ?? ''] });
}

/** Two slices: [0, 1) and [1, end). */
function splitFirst(node: Node<'SplitFirst'>): readonly LoweredNode[] {
  const constant = (name: string, value: number) => ({
    name: `${node.name}/${name}`,
    data: [value],
  });
  const [zero, one] = [constant('zero', 0), constant('one', 1)];
  const [end, axis] = [constant('end', Number.MAX_SAFE_INTEGER), constant('axis', node.attributes.axis)];
  const input = node.inputs[0]?.name ?? '';
  const slice = (i: number, from: string, to: string): LoweredNode => ({
    op: 'Slice',
    domain: '',
    name: `${node.name}/${i}`,
    inputs: [input, from, to, axis.name],
    outputs: [node.outputs[i]?.name ?? ''],
    attributes: {},
    constants: i === 0 ? [zero, one, end, axis] : [],
  });
  return [slice(0, zero.name, one.name), slice(1, one.name, end.name)];
}

/**
 * By ScatterElements, since ONNX Runtime's ScatterND loses updates of an index that repeats: it adds with several threads
 * at once.
 */
function scatterRows(node: Node): readonly LoweredNode[] {
  const [data = '', index = '', updates = ''] = node.inputs.map((v) => v?.name ?? '');
  const steps = new Steps(node);
  // A list of sizes of its own, where the updates' are known, lets ONNX Runtime expand an index once for all layers.
  const sizes = node.inputs[2]?.shape.slice(1) ?? [];
  const everywhere = sizes.every((size) => typeof size === 'number')
    ? steps.add('Expand', [index], undefined, {}, [1, ...sizes])
    : steps.add('Expand', [index, steps.add('Shape', [updates])]);
  const attributes = { axis: 0n, reduction: 'add' };
  steps.add('ScatterElements', [data, everywhere, updates], node.outputs[0]?.name, attributes);
  return steps.nodes;
}

function softmaxCrossEntropyLoss(node: Node): readonly LoweredNode[] {
  const [scores = '', labels = ''] = node.inputs.map((v) => v?.name ?? '');
  const [loss, logProbabilities] = node.outputs.map((v) => v.name);
  const steps = new Steps(node);
  const all = steps.add('LogSoftmax', [scores], logProbabilities, { axis: -1n });
  steps.add('Neg', [steps.add('GatherElements', [all, labels], undefined, { axis: 1n })], loss);
  return steps.nodes;
}

const transposes = ({ transA = 0, transB = 0 }: OpAttributes['Gemm']): Attributes => ({
  transA: BigInt(transA),
  transB: BigInt(transB),
});
const bigints = (list: readonly number[]): readonly bigint[] => list.map(BigInt);
const dtypeNumber = { float32: 1n, int64: 7n } as const;

const lowerings: { readonly [K in OpName]: Lowering<K> } = {
  Add: plain,
  Sub: plain,
  Mul: plain,
  Div: plain,
  Neg: plain,
  Exp: plain,
  Log: plain,
  Tanh: plain,
  Sigmoid: plain,
  Erf: plain,
  Relu: plain,
  Sqrt: plain,
  Greater: plain,
  Where: plain,
  Cast: (node) => write(node, { to: dtypeNumber[node.attributes.to] }),
  Gemm: (node) => write(node, transposes(node.attributes)),
  FusedMatMul: (node) =>
    write(node, { ...transposes(node.attributes), alpha: node.attributes.alpha ?? 1 }, { domain: 'com.microsoft' }),
  FastGelu: contrib,
  Gelu: contrib,
  QuickGelu: (node) => write(node, { alpha: node.attributes.alpha }, { domain: 'com.microsoft' }),
  LayerNormalization: normalisation,
  SimplifiedLayerNormalization: normalisation,
  Softmax: lastAxis,
  LogSoftmax: lastAxis,
  SoftmaxCrossEntropyLoss: softmaxCrossEntropyLoss,
  ReduceSum: (node) => withList(node, node.attributes.axes, { keepdims: 1n }),
  ReduceMean: (node) => withList(node, node.attributes.axes, { keepdims: 1n }),
  ReduceSumSquare: (node) => withList(node, node.attributes.axes, { keepdims: 1n }),
  Detach: (node) => write(node, {}, { op: 'Identity' }),
  ArgMax: (node) => write(node, { axis: -1n, keepdims: 1n }),
  Reshape: reshape,
  Transpose: (node) => write(node, { perm: bigints(node.attributes.perm) }),
  Concat: (node) => write(node, { axis: BigInt(node.attributes.axis) }),
  SplitFirst: splitFirst,
  Split: (node) => withList(node, node.attributes.sizes, { axis: BigInt(node.attributes.axis) }),
  Gather: (node) => write(node, { axis: 0n }),
  GatherRows: gatherRows,
  GatherElements: (node) => write(node, { axis: 1n }),
  ScatterElements: (node) => write(node, { axis: 1n, reduction: 'add' }),
  ScatterND: scatterRows,
  ZerosLike: zerosLike,
  After: after,
  RotaryEmbedding: (node) =>
    write(node, { num_heads: BigInt(node.attributes.heads), interleaved: 0n }, { domain: 'com.microsoft' }),
};
