import type { Node, Value } from '../onnx/value.ts';
import type { Emit } from '../ops/emit.ts';
import type { OpName } from '../ops/opTable.ts';
import * as index from './indexRules.ts';
import * as linear from './linearRules.ts';
import * as normalisation from './normalisationRules.ts';
import * as pointwise from './pointwiseRules.ts';

/** A contribution to a gradient that touches some rows of axis 0 only: value[index[i, 0]] += updates[i]. */
export interface RowUpdates {
  readonly index: Value;
  readonly updates: Value;
}

export type Contribution = Value | RowUpdates;

export const isRowUpdates = (c: Contribution): c is RowUpdates => 'updates' in c;

/** What a rule sees of the node that it differentiates. */
export interface Differentiation<K extends OpName> {
  readonly node: Node<K>;
  /** Writes gradient nodes, named after the forward node. */
  readonly e: Emit;
  input(i: number): Value;
  output(i: number): Value;
  /** Gradient of the loss with respect to output i, of the output's shape (or broadcastable to it at the loss itself). */
  d(i: number): Value;
  /** Whether output i influences the loss. */
  has(i: number): boolean;
}

/**
 * One entry per input: how its gradient is written, or undefined where the input has none (an index). Only the entries
 * of inputs that need a gradient are called, and equal nodes are written once, so that entries may share terms freely.
 * Broadcasting is undone and contributions are added up by the walker, never here.
 */
export type GradientRule<K extends OpName> = (
  c: Differentiation<K>,
) => readonly ((() => Contribution) | undefined)[];

/** Why an op has no gradient. */
export interface NoGradient {
  readonly none: string;
}

const piecewiseConstant: NoGradient = { none: 'its derivative is zero almost everywhere' };
const backwardOnly: NoGradient = { none: 'it is written by gradient rules only, and second derivatives are not taken' };

export const gradientRules: { readonly [K in OpName]: GradientRule<K> | NoGradient } = {
  Add: pointwise.Add,
  Sub: pointwise.Sub,
  Mul: pointwise.Mul,
  Div: pointwise.Div,
  Neg: pointwise.Neg,
  Exp: pointwise.Exp,
  Log: pointwise.Log,
  Tanh: pointwise.Tanh,
  Sigmoid: pointwise.Sigmoid,
  Erf: pointwise.Erf,
  Relu: pointwise.Relu,
  Greater: piecewiseConstant,
  Cast: { none: 'it converts masks and indices only' },
  Gemm: linear.Gemm,
  FusedMatMul: linear.FusedMatMul,
  FastGelu: pointwise.FastGelu,
  Gelu: pointwise.Gelu,
  QuickGelu: pointwise.QuickGelu,
  LayerNormalization: normalisation.LayerNormalization,
  SimplifiedLayerNormalization: normalisation.SimplifiedLayerNormalization,
  Softmax: normalisation.Softmax,
  LogSoftmax: normalisation.LogSoftmax,
  SoftmaxCrossEntropyLoss: normalisation.SoftmaxCrossEntropyLoss,
  ReduceSum: pointwise.ReduceSum,
  ReduceMean: pointwise.ReduceMean,
  ArgMax: piecewiseConstant,
  Reshape: index.Reshape,
  Transpose: index.Transpose,
  Concat: index.Concat,
  Split: index.Split,
  SplitFirst: { none: 'it serves decoding, which is not differentiated' },
  Gather: index.Gather,
  GatherRows: index.GatherRows,
  GatherElements: index.GatherElements,
  ScatterElements: backwardOnly,
  ScatterND: backwardOnly,
  ZerosLike: piecewiseConstant,
  RotaryEmbedding: linear.RotaryEmbedding,
};
