import type { OpName } from '../ops/opTable.ts';
import type { GradientRule, NoGradient } from './gradientRule.ts';
import * as index from './indexRules.ts';
import * as linear from './linearRules.ts';
import * as normalisation from './normalisationRules.ts';
import * as pointwise from './pointwiseRules.ts';

const piecewiseConstant: NoGradient = { none: 'its derivative is zero almost everywhere' };
const backwardOnly: NoGradient = { none: 'it is written by gradient rules only, and second derivatives are not taken' };

/** How each op is differentiated, or why it is not. A rule is exported under the name of its op. */
export const gradientRules: { readonly [K in OpName]: GradientRule<K> | NoGradient } = {
  ...pointwise,
  ...linear,
  ...normalisation,
  ...index,
  Sqrt: { none: 'it serves the optimiser, which is not differentiated' },
  Greater: piecewiseConstant,
  Where: { none: 'it keeps apart the arms of a batch, in which nothing is trained' },
  Cast: { none: 'it converts masks and indices only' },
  ReduceSumSquare: { none: 'it serves norms that the gradient takes for constants' },
  Detach: { none: 'what it gives is a constant to the gradient', isConstant: true },
  ArgMax: piecewiseConstant,
  SplitFirst: { none: 'it serves decoding, which is not differentiated' },
  ScatterElements: backwardOnly,
  ScatterND: backwardOnly,
  ZerosLike: piecewiseConstant,
  After: backwardOnly,
};
