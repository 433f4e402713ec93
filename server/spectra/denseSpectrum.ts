/** Singular values and leading singular vectors of dense matrices. */
import { createRandom } from '../random/random.ts';
import { tridiagonalEigen, tridiagonalise } from './symmetricEigen.ts';
import {
  addScaled,
  combination,
  dot,
  norm,
  rowOf,
  scaled,
  times,
  transposedTimes,
  type Matrix,
  type Vector,
} from './vector.ts';

/**
 * The upper triangle of A A^T, or of A^T A where A has more rows than columns: [n, n] for n the shorter side. Its
 * eigenvalues are the squares of A's singular values.
 */
export function gram(matrix: Matrix): Matrix {
  const n = Math.min(matrix.rows, matrix.columns);
  const values = new Float64Array(n * n);
  const product = { rows: n, columns: n, values };
  if (matrix.rows <= matrix.columns) {
    for (let i = 0; i < n; i++) {
      const own = rowOf(matrix, i);
      for (let j = i; j < n; j++) values[i * n + j] = dot(own, rowOf(matrix, j));
    }
    return product;
  }
  for (let row = 0; row < matrix.rows; row++) {
    const own = rowOf(matrix, row);
    for (let i = 0; i < n; i++) addScaled(rowOf(product, i).subarray(i), own[i] ?? 0, own.subarray(i));
  }
  return product;
}

/**
 * Singular values of a dense matrix, the largest first, from the eigenvalues of its Gram matrix. Their absolute error is
 * below 1e-7 of the largest one (the square root of float64's precision), and far less for all but the smallest.
 * Throws RankscopeError('model') when a number is not finite.
 */
export function singularValues(matrix: Matrix): readonly number[] {
  const squares = tridiagonalEigen(tridiagonalise(gram(matrix)));
  return [...squares.sort((a, b) => b - a)].map((square) => Math.sqrt(Math.max(0, square)));
}

/** How exact a leading vector is: the residual of its eigenvalue of A A^T, as a share of the largest one. */
const RESIDUAL = 1e-12;
const STEPS_BETWEEN_CHECKS = 10;

/**
 * The `count` leading left singular vectors of A (fewer where it has fewer rows), by the Lanczos method on A A^T with
 * full reorthogonalisation (Golub and Van Loan, section 10.1), until their residual is below 1e-12. The start is random
 * with a fixed seed. A step takes 4 rows columns operations.
 */
export function leadingLeftVectors(matrix: Matrix, count: number): readonly Vector[] {
  const random = createRandom(0);
  const draw = (): Vector => Float64Array.from({ length: matrix.rows }, () => 2 * random.uniform() - 1);
  const wanted = Math.min(count, matrix.rows);
  const basis: Vector[] = [];
  const [diagonal, beside]: [number[], number[]] = [[], []];
  let next = unitBeside(draw(), basis);
  while (basis.length < matrix.rows) {
    const product = times(matrix, transposedTimes(matrix, next));
    diagonal.push(dot(product, next));
    basis.push(next);
    const rest = orthogonalTo(product, basis);
    const length = norm(rest);
    const size = Math.max(...diagonal);
    const isLast = basis.length === matrix.rows;
    const isDue = basis.length > wanted && basis.length % STEPS_BETWEEN_CHECKS === 0;
    if (isLast || (isDue && residual(diagonal, beside, length, wanted) <= RESIDUAL * size)) break;
    // The space of the vectors so far is mapped into itself: go on in another direction, not coupled to them.
    const isInvariant = length <= 1e-14 * size;
    beside.push(isInvariant ? 0 : length);
    next = isInvariant ? unitBeside(draw(), basis) : scaled(rest, 1 / length);
  }
  return ritzVectors(basis, diagonal, beside, wanted);
}

/** What of `vector` is orthogonal to all of an orthonormal basis. */
function orthogonalTo(vector: Vector, basis: readonly Vector[]): Vector {
  const rest = vector.slice();
  for (let round = 0; round < 2; round++) {
    for (const one of basis) addScaled(rest, -dot(one, rest), one);
  }
  return rest;
}

function unitBeside(vector: Vector, basis: readonly Vector[]): Vector {
  const rest = orthogonalTo(vector, basis);
  return scaled(rest, 1 / norm(rest));
}

const tridiagonal = (diagonal: readonly number[], beside: readonly number[]) => ({
  diagonal: Float64Array.from(diagonal),
  beside: Float64Array.from(diagonal, (_, i) => beside[i] ?? 0),
});

const unit = (size: number, at: number): Vector => Float64Array.from({ length: size }, (_, i) => (i === at ? 1 : 0));

function byValue(values: Vector): number[] {
  return [...values.keys()].sort((a, b) => (values[b] ?? 0) - (values[a] ?? 0));
}

/** The largest residual among the leading eigenvectors, from the last number of each. */
function residual(diagonal: readonly number[], beside: readonly number[], length: number, count: number): number {
  const last = unit(diagonal.length, diagonal.length - 1);
  const order = byValue(tridiagonalEigen(tridiagonal(diagonal, beside), [last])).slice(0, count);
  return length * Math.max(...order.map((i) => Math.abs(last[i] ?? 0)));
}

function ritzVectors(
  basis: readonly Vector[],
  diagonal: readonly number[],
  beside: readonly number[],
  count: number,
): readonly Vector[] {
  const rows = basis.map((_, i) => unit(basis.length, i));
  const order = byValue(tridiagonalEigen(tridiagonal(diagonal, beside), rows)).slice(0, count);
  return order.map((i) =>
    combination(
      basis,
      Float64Array.from(rows, (row) => row[i] ?? 0),
    ),
  );
}
