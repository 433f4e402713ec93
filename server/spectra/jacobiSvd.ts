import { RankscopeError } from '../protocol/errors.ts';
import { dot, norm, scaled, type Vector } from './vector.ts';

/** A matrix as the sum of `values[i] * left[i] * right[i]^T`, the largest value first. */
export interface SingularTriples {
  readonly values: readonly number[];
  readonly left: readonly Vector[];
  readonly right: readonly Vector[];
}

const SWEEPS = 60;
/** The cosine of two columns that counts as orthogonal. */
const ORTHOGONAL = 1e-15;
/** The share of all energy below which a column is rounding and is turned no further. */
const NEGLIGIBLE = 1e-40;

/**
 * The singular value decomposition of a small matrix given by its columns, by one-sided Jacobi rotations (Golub and Van
 * Loan, "Matrix Computations", section 8.6.3). It also finds small singular values to high relative accuracy, down to
 * 1e-20 of the matrix's norm. Its numbers are at most products of float32 numbers, whose squares float64 holds. Its cost
 * grows with the cube of the number of columns, times some ten sweeps. The left vector of a value of zero is zero.
 * Throws RankscopeError('model') when a number is not finite.
 */
export function jacobiSvd(columns: readonly Vector[]): SingularTriples {
  const work = columns.map((column) => column.slice());
  const right = columns.map((_, i) => Float64Array.from(columns, (_column, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; rotateAll(work, right); sweep++) {
    if (sweep < SWEEPS) continue;
    throw new RankscopeError({ code: 'model', what: 'The singular values of a matrix were not found.' });
  }
  const lengths = work.map(norm);
  const order = [...lengths.keys()].sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0));
  const inOrder = order.flatMap((i) => {
    const [value, own, turned] = [lengths[i] ?? 0, work[i], right[i]];
    return own && turned ? [{ value, left: scaled(own, value > 0 ? 1 / value : 0), right: turned }] : [];
  });
  return {
    values: inOrder.map(({ value }) => value),
    left: inOrder.map(({ left }) => left),
    right: inOrder.map((one) => one.right),
  };
}

/** Makes each pair of columns orthogonal in turn; whether any was not. */
function rotateAll(work: readonly Vector[], right: readonly Vector[]): boolean {
  let rotated = false;
  const least = NEGLIGIBLE * work.reduce((sum, column) => sum + dot(column, column), 0);
  work.forEach((x, p) => {
    for (let q = p + 1; q < work.length; q++) {
      const [y, rightX, rightY] = [work[q], right[p], right[q]];
      if (!y || !rightX || !rightY) continue;
      const [xx, yy, xy] = [dot(x, x), dot(y, y), dot(x, y)];
      if (xx < least || yy < least) continue;
      if (Math.abs(xy) <= ORTHOGONAL * Math.sqrt(xx) * Math.sqrt(yy)) continue;
      const zeta = (yy - xx) / (2 * xy);
      const tangent = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.hypot(1, zeta));
      rotate(x, y, tangent);
      rotate(rightX, rightY, tangent);
      rotated = true;
    }
  });
  return rotated;
}

function rotate(x: Vector, y: Vector, tangent: number): void {
  const cosine = 1 / Math.hypot(1, tangent);
  const sine = cosine * tangent;
  for (let i = 0; i < x.length; i++) {
    const [a, b] = [x[i] ?? 0, y[i] ?? 0];
    x[i] = cosine * a - sine * b;
    y[i] = sine * a + cosine * b;
  }
}
