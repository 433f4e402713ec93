import type { OpName } from '../ops/opTable.ts';
import type { GradientRule, NoGradient } from './gradientRule.ts';
import * as index from './indexRules.ts';
import * as linear from './linearRules.ts';
import * as normalisation from './normalisationRules.ts';
import * as pointwise from './pointwiseRules.ts';

const piecewiseConstant: NoGradient = { none: 'its derivative is zero almost everywhere' };
const backwardOnly: NoGradient = { none: 'it is written by gradient rules only, and second derivatives are not taken' };

/** How each op is differentiated, or why it is not. */
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
  Sqrt: { none: 'it serves the optimiser, which is not differentiated' },
  Greater: piecewiseConstant,
  Where: { none: 'it keeps apart the arms of a batch, in which nothing is trained' },
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
  ReduceSumSquare: { none: 'it serves norms that the gradient takes for constants' },
  Detach: { none: 'what it gives is a constant to the gradient', isConstant: true },
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
  After: backwardOnly,
  RotaryEmbedding: linear.RotaryEmbedding,
};
