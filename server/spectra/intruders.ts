import { gram } from './denseSpectrum.ts';
import { tridiagonalEigen, tridiagonalise } from './symmetricEigen.ts';
import { transposedTimes, type Matrix, type Vector } from './vector.ts';

/** A leading vector whose greatest cosine is below this is an intruder dimension (arXiv 2410.21228, section 3). */
export const intruderCosine = 0.5;

/** Directions of W whose singular value is a smaller share of the largest one are not determined by float64. */
const DETERMINED = 1e-7;

/**
 * The greatest |cosine| of each vector with a left singular vector of W, 0..1. W's own vectors are never formed: those
 * asked about are turned along while the values are found, so that the cost is that of the values, about 4/3 n^3 for n
 * the shorter side of W, whatever the number of vectors. Vectors of W with a singular value below 1e-7 of the largest
 * are left out.
 */
export function greatestCosines(matrix: Matrix, vectors: readonly Vector[]): readonly number[] {
  const isTall = matrix.rows > matrix.columns;
  const tridiagonal = tridiagonalise(gram(matrix));
  // u_i = W v_i / s_i, so that <u, u_i> = <W^T u, v_i> / s_i.
  const rows = vectors.map((vector) => tridiagonal.turn(isTall ? transposedTimes(matrix, vector) : vector));
  const values = tridiagonalEigen(tridiagonal, rows).map((square) => Math.sqrt(Math.max(0, square)));
  const least = DETERMINED * Math.max(...values);
  return rows.map((row) => {
    const cosines = row.map((product, i) => {
      const value = values[i] ?? 0;
      return value > least ? Math.abs(product) / (isTall ? value : 1) : 0;
    });
    return Math.min(1, Math.max(0, ...cosines));
  });
}
