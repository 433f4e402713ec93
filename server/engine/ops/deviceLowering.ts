import { internal } from '../../protocol/errors.ts';
import type { DeviceName } from './device.ts';
import type { Node } from './value.ts';
import { Steps, write, type LoweredNode, type Lowering } from './loweredNode.ts';
import type { OpName } from './opTable.ts';

type Spellings = { readonly [K in OpName]?: Lowering<K> };

/**
 * The ops that a device has no kernel for, or a wrong one, each written in ops that it has. All of it stays on the
 * device: nothing here asks for a shape, which ONNX Runtime would compute on the CPU.
 */
export function deviceLowering(device: DeviceName): Spellings {
  return spellings[device];
}

/** 0 wherever x is anything, infinities and NaN too: x > x is false. */
function zerosLike(node: Node): readonly LoweredNode[] {
  const [x, y] = ends(node);
  const steps = new Steps(node);
  steps.add('Cast', [steps.add('Greater', [x, x])], y, { to: 1n });
  return steps.nodes;
}

/** alpha op(A) op(B): the transpositions and the factor as nodes of their own. */
function fusedMatMul(node: Node<'FusedMatMul'>): readonly LoweredNode[] {
  const { transA = 0, transB = 0, alpha = 1 } = node.attributes;
  const [a, b] = node.inputs;
  if (!a || !b) throw internal(`${node.name} takes two matrices.`);
  const steps = new Steps(node);
  const turned = (name: string, rank: number, transposed: 0 | 1): string =>
    transposed ? steps.add('Transpose', [name], undefined, { perm: swapLastAxes(rank) }) : name;
  const [left, right] = [turned(a.name, a.shape.length, transA), turned(b.name, b.shape.length, transB)];
  const [, y] = ends(node);
  if (alpha === 1) steps.add('MatMul', [left, right], y);
  else steps.add('Mul', [steps.add('MatMul', [left, right]), alpha], y);
  return steps.nodes;
}

const swapLastAxes = (rank: number): readonly bigint[] =>
  Array.from({ length: rank }, (_, i) => BigInt(i < rank - 2 ? i : i === rank - 2 ? rank - 1 : rank - 2));

/**
 * x - max - log(sum(exp(x - max))). The logarithm of a Softmax would be shorter, and minus infinity for every class that
 * is 104 nats behind the best.
 */
function logSoftmaxSteps(steps: Steps, x: string, y: string): void {
  const keep = { keepdims: 1n };
  const shifted = steps.add('Sub', [x, steps.add('ReduceMax', [x], undefined, keep, [-1])]);
  const sum = steps.add('ReduceSum', [steps.add('Exp', [shifted])], undefined, keep, [-1]);
  steps.add('Sub', [shifted, steps.add('Log', [sum])], y);
}

function logSoftmax(node: Node): readonly LoweredNode[] {
  const [x, y] = ends(node);
  const steps = new Steps(node);
  logSoftmaxSteps(steps, x, y);
  return steps.nodes;
}

function softmaxCrossEntropyLoss(node: Node): readonly LoweredNode[] {
  const [scores, loss] = ends(node);
  const [labels, logProbabilities] = [node.inputs[1]?.name ?? '', node.outputs[1]?.name ?? ''];
  const steps = new Steps(node);
  logSoftmaxSteps(steps, scores, logProbabilities);
  const picked = steps.add('GatherElements', [logProbabilities, labels], undefined, { axis: 1n });
  steps.add('Neg', [picked], loss);
  return steps.nodes;
}

/** WebGPU's kernel leaves the second output, the inverse root mean square, unwritten. */
function simplifiedLayerNormalization(node: Node<'SimplifiedLayerNormalization'>): readonly LoweredNode[] {
  const [x, y] = ends(node);
  const [scale, inverse] = [node.inputs[1]?.name ?? '', node.outputs[1]?.name ?? ''];
  const steps = new Steps(node);
  const mean = steps.add('ReduceMean', [steps.add('Mul', [x, x])], undefined, { keepdims: 1n }, [-1]);
  steps.add('Reciprocal', [steps.add('Sqrt', [steps.add('Add', [mean, node.attributes.epsilon])])], inverse);
  steps.add('Mul', [steps.add('Mul', [x, inverse]), scale], y);
  return steps.nodes;
}

/** Names of the first input and the first output. */
const ends = (node: Node): readonly [string, string] => [node.inputs[0]?.name ?? '', node.outputs[0]?.name ?? ''];

/** As ONNX has it: off the CPU kernels add atomically. */
const scatterND: Lowering<'ScatterND'> = (node) => write(node, { reduction: 'add' });

/** Ops of ONNX itself alone in place of ONNX Runtime's fused ones. */
const plainOps: Spellings = {
  ScatterND: scatterND,
  ZerosLike: zerosLike,
  FusedMatMul: fusedMatMul,
  LogSoftmax: logSoftmax,
  SoftmaxCrossEntropyLoss: softmaxCrossEntropyLoss,
  SimplifiedLayerNormalization: simplifiedLayerNormalization,
};

const spellings: Readonly<Record<DeviceName, Spellings>> = {
  cpu: {},
  webgpu: plainOps,
  // It has ONNX Runtime's fused ops; a Shape node would be put on the CPU.
  cuda: { ZerosLike: zerosLike, ScatterND: scatterND },
  dml: plainOps,
  coreml: plainOps,
};
