import { jacobiSvd, type SingularTriples } from './jacobiSvd.ts';
import { orthonormalise } from './orthonormalise.ts';
import { addScaled, combination, rowOf, scaled, type Matrix, type Vector } from './vector.ts';

/** scale B A of rank r. */
export interface LowRankProduct {
  readonly scale: number;
  /** The columns of B: r vectors [out]. */
  readonly b: readonly Vector[];
  /** The rows of A: r vectors [in]. */
  readonly a: readonly Vector[];
}

/**
 * The singular value decomposition of scale B A, with r values: B = Q_B R_B and A^T = Q_A R_A, and then that of the r x r
 * product R_B R_A^T. The matrix [out, in] is never formed. Throws RankscopeError('model') when a number is not finite.
 */
export function factoredSvd({ scale, b, a }: LowRankProduct): SingularTriples {
  const [left, right] = [orthonormalise(b), orthonormalise(a)];
  // Column j of R_B R_A^T: the sum over k of column k of R_B times R_A[j, k].
  const core = a.map((_, j) =>
    combination(
      left.triangle,
      Float64Array.from(right.triangle, (column) => column[j] ?? 0),
    ),
  );
  const svd = jacobiSvd(core.map((column) => scaled(column, scale)));
  return {
    values: svd.values,
    left: svd.left.map((vector) => combination(left.basis, vector)),
    right: svd.right.map((vector) => combination(right.basis, vector)),
  };
}

/**
 * The best approximation of a lower rank (Eckart and Young, 1936), as factors of scale 1: the leading triples, each with
 * the square root of its value on either side.
 */
export function truncate({ values, left, right }: SingularTriples, rank: number): LowRankProduct {
  const half = (vectors: readonly Vector[]): readonly Vector[] =>
    vectors.slice(0, rank).map((vector, i) => scaled(vector, Math.sqrt(values[i] ?? 0)));
  return { scale: 1, b: half(left), a: half(right) };
}

/** matrix [out, in] += the sum of the triples. */
export function addTriples(matrix: Matrix, { values, left, right }: SingularTriples): void {
  values.forEach((value, i) => {
    const [own, along] = [left[i], right[i]];
    if (value === 0 || !own || !along) return;
    for (let row = 0; row < matrix.rows; row++) addScaled(rowOf(matrix, row), value * (own[row] ?? 0), along);
  });
}
