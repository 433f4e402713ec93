import { internal } from '../../protocol/errors.ts';
import type { Value } from '../ops/value.ts';
import type { Emit } from '../ops/emit.ts';
import type { GradientRule } from './gradientRule.ts';

/** d(a + b) = da + db */
export const Add: GradientRule<'Add'> = ({ d }) => [() => d(0), () => d(0)];

/** d(a - b) = da - db */
export const Sub: GradientRule<'Sub'> = ({ d, e }) => [() => d(0), () => e.Neg(d(0))];

/** d(ab) = b da + a db */
export const Mul: GradientRule<'Mul'> = ({ d, e, input }) => [() => e.Mul(d(0), input(1)), () => e.Mul(d(0), input(0))];

/** d(a/b) = da/b - (a/b) db/b */
export const Div: GradientRule<'Div'> = ({ d, e, input, output }) => [
  () => e.Div(d(0), input(1)),
  () => e.Neg(e.Div(e.Mul(d(0), output(0)), input(1))),
];

export const Neg: GradientRule<'Neg'> = ({ d, e }) => [() => e.Neg(d(0))];

/** d exp(x) = exp(x) dx */
export const Exp: GradientRule<'Exp'> = ({ d, e, output }) => [() => e.Mul(d(0), output(0))];

export const Log: GradientRule<'Log'> = ({ d, e, input }) => [() => e.Div(d(0), input(0))];

/** d tanh(x) = (1 - tanh(x)^2) dx */
export const Tanh: GradientRule<'Tanh'> = ({ d, e, output }) => [
  () => e.Mul(d(0), e.Sub(e.scalar(1), e.Mul(output(0), output(0)))),
];

/** d sigmoid(x) = s (1 - s) dx */
export const Sigmoid: GradientRule<'Sigmoid'> = ({ d, e, output }) => [
  () => e.Mul(d(0), e.Mul(output(0), e.Sub(e.scalar(1), output(0)))),
];

/** d erf(x) = 2/sqrt(pi) exp(-x^2) dx */
export const Erf: GradientRule<'Erf'> = ({ d, e, input }) => [
  () => e.Mul(d(0), e.Mul(e.scalar(2 / Math.sqrt(Math.PI)), e.Exp(e.Neg(e.Mul(input(0), input(0)))))),
];

/** The derivative at 0 is taken as 0, as PyTorch takes it. */
export const Relu: GradientRule<'Relu'> = ({ d, e, input }) => [
  () => e.Mul(d(0), e.Cast(e.Greater(input(0), e.scalar(0)), 'float32')),
];

/** Of the tanh approximation: sqrt(2/pi) and the cubic's coefficient (Hendrycks and Gimpel, arXiv 1606.08415). */
const ROOT = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/**
 * y = x s with s = sigmoid(2u) and u = ROOT (x + CUBIC x^3), since (1 + tanh u)/2 = sigmoid(2u);
 * dy = (s + x s (1 - s) 2u') dx. Recomputed from x, so that the forward pass keeps nothing but x.
 */
export const FastGelu: GradientRule<'FastGelu'> = ({ d, e, input }) => [
  () => {
    const x = input(0);
    const square = e.Mul(x, x);
    const slope = affine(e, square, 2 * ROOT * CUBIC, 2 * ROOT);
    const s = e.Sigmoid(e.Mul(x, slope));
    const derivative = affine(e, square, 6 * ROOT * CUBIC, 2 * ROOT);
    const bend = e.Mul(e.Mul(x, derivative), e.Sub(e.scalar(1), s));
    return e.Mul(d(0), e.Mul(s, e.Add(bend, e.scalar(1))));
  },
];

/** y = x Phi(x); dy = (Phi(x) + x phi(x)) dx */
export const Gelu: GradientRule<'Gelu'> = ({ d, e, input }) => [
  () => {
    const x = input(0);
    const Phi = affine(e, e.Erf(e.Mul(x, e.scalar(Math.SQRT1_2))), 0.5, 0.5);
    const phi = e.Mul(e.Exp(e.Mul(e.Mul(x, x), e.scalar(-0.5))), e.scalar(1 / Math.sqrt(2 * Math.PI)));
    return e.Mul(d(0), e.Add(Phi, e.Mul(x, phi)));
  },
];

/** y = x s, s = sigmoid(alpha x); dy = (s + alpha y (1 - s)) dx */
export const QuickGelu: GradientRule<'QuickGelu'> = ({ d, e, input, output, node }) => [
  () => {
    const alpha = e.scalar(node.attributes.alpha);
    const s = e.Sigmoid(e.Mul(input(0), alpha));
    const bend = e.Mul(e.Mul(output(0), alpha), e.Sub(e.scalar(1), s));
    return e.Mul(d(0), e.Add(s, bend));
  },
];

function affine(e: Emit, x: Value, factor: number, offset: number): Value {
  return e.Add(e.Mul(x, e.scalar(factor)), e.scalar(offset));
}

export const ReduceSum: GradientRule<'ReduceSum'> = ({ d, e, input }) => [() => e.Add(e.ZerosLike(input(0)), d(0))];

export const ReduceMean: GradientRule<'ReduceMean'> = ({ d, e, input, node }) => [
  () => {
    const { shape } = input(0);
    const sizes = node.attributes.axes.map((axis) => shape.at(axis));
    const count = sizes.reduce<number>((product, size) => {
      if (typeof size !== 'number') throw internal(`${node.name}: the mean over a dynamic axis has no gradient here.`);
      return product * size;
    }, 1);
    return e.Add(e.ZerosLike(input(0)), e.Mul(d(0), e.scalar(1 / count)));
  },
];
