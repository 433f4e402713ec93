import type { Value } from '../ops/value.ts';
import type { OpAttributes } from '../ops/opTable.ts';
import type { Contribution, GradientRule } from './gradientRule.ts';

const flip = (transpose: 0 | 1 = 0): 0 | 1 => (transpose ? 0 : 1);

/**
 * Y = op(A) op(B) + C:
 * dA = dY op(B)' or its transpose, dB = op(A)' dY or its transpose, dC = dY.
 */
export const Gemm: GradientRule<'Gemm'> = ({ d, e, input, node }) => {
  const { transA = 0, transB = 0 } = node.attributes;
  const product = (a: Value, b: Value, attributes: OpAttributes['Gemm']): Contribution => {
    return (onto) => e.Gemm(a, b, attributes, onto);
  };
  return [
    () =>
      transA
        ? product(input(1), d(0), { transA: transB, transB: 1 })
        : product(d(0), input(1), { transB: flip(transB) }),
    () =>
      transB
        ? product(d(0), input(0), { transA: 1, transB: transA })
        : product(input(0), d(0), { transA: flip(transA) }),
    () => d(0),
  ];
};

/** Y = alpha op(A) op(B), batched; the same as Gemm's, with the factor kept. */
export const FusedMatMul: GradientRule<'FusedMatMul'> = ({ d, e, input, node }) => {
  const { transA = 0, transB = 0, alpha = 1 } = node.attributes;
  return [
    () =>
      transA
        ? e.FusedMatMul(input(1), d(0), { transA: transB, transB: 1, alpha })
        : e.FusedMatMul(d(0), input(1), { transB: flip(transB), alpha }),
    () =>
      transB
        ? e.FusedMatMul(d(0), input(0), { transA: 1, transB: transA, alpha })
        : e.FusedMatMul(input(0), d(0), { transA: flip(transA), alpha }),
  ];
};

/** A rotation by an angle; its transpose is the rotation by the negative angle (RoFormer, arXiv 2104.09864). */
export const RotaryEmbedding: GradientRule<'RotaryEmbedding'> = ({ d, e, input, node }) => [
  () => e.RotaryEmbedding(d(0), input(1), input(2), e.Neg(input(3)), node.attributes.heads),
  undefined,
  undefined,
  undefined,
];
