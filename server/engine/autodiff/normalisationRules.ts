import type { Value } from '../ops/value.ts';
import type { Emit } from '../ops/emit.ts';
import type { Differentiation, GradientRule } from './gradientRule.ts';

/** (x - mean) / deviation, recomputed from the statistics that the forward node gives. */
function standardised({ e, input, output }: Differentiation<'LayerNormalization'>): Value {
  return e.Mul(e.Sub(input(0), output(1)), output(2));
}

/**
 * y = z w + b with z = (x - mean) r, r the inverse deviation, g = w dy:
 * dx = r (g - mean(g) - z mean(g z)), dw = sum of z dy, db = sum of dy (Ba et al., arXiv 1607.06450).
 */
export const LayerNormalization: GradientRule<'LayerNormalization'> = (c) => {
  const { d, e, input, output } = c;
  return [
    () => {
      const z = standardised(c);
      const g = e.Mul(d(0), input(1));
      const centred = e.Sub(g, e.ReduceMean(g, -1));
      return e.Mul(output(2), e.Sub(centred, e.Mul(z, e.ReduceMean(e.Mul(g, z), -1))));
    },
    () => e.Mul(d(0), standardised(c)),
    () => d(0),
  ];
};

/**
 * y = x r w with r = 1/sqrt(mean(x^2) + epsilon), g = w dy:
 * dx = r g - x r^3 mean(g x), dw = sum of x r dy (Zhang and Sennrich, arXiv 1910.07467).
 */
export const SimplifiedLayerNormalization: GradientRule<'SimplifiedLayerNormalization'> = ({ d, e, input, output }) => [
  () => {
    const [x, r] = [input(0), output(1)];
    const g = e.Mul(d(0), input(1));
    const pull = e.Mul(e.ReduceMean(e.Mul(g, x), -1), e.Mul(r, r));
    return e.Mul(r, e.Sub(g, e.Mul(x, pull)));
  },
  () => e.Mul(d(0), e.Mul(input(0), output(1))),
];

/** dx = y (dy - sum(y dy)) */
export const Softmax: GradientRule<'Softmax'> = ({ d, e, output }) => [
  () => {
    const weighted = e.Mul(d(0), output(0));
    return e.Sub(weighted, e.Mul(output(0), e.ReduceSum(weighted, -1)));
  },
];

/** dx = dy - exp(y) sum(dy) */
export const LogSoftmax: GradientRule<'LogSoftmax'> = ({ d, e, output }) => [
  () => e.Sub(d(0), e.Mul(e.Exp(output(0)), e.ReduceSum(d(0), -1))),
];

/** dscores = (softmax - one-hot) dloss, the one-hot subtracted at the label's place alone. */
export const SoftmaxCrossEntropyLoss: GradientRule<'SoftmaxCrossEntropyLoss'> = ({ d, e, input, output }) => [
  () => e.ScatterElements(e.Mul(e.Exp(output(1)), d(0)), input(1), negatedColumn(e, d(0), output(0))),
  undefined,
];

/** -d as a column of the loss's own shape, whatever d broadcasts from. */
function negatedColumn(e: Emit, d: Value, like: Value): Value {
  return e.Sub(e.ZerosLike(like), d);
}
