/** Eigenvalues of symmetric matrices, and how given vectors lie to the eigenvectors, which are never formed. */
import { RankscopeError } from '../protocol/errors.ts';
import { addScaled, dot, norm, rowOf, type Matrix, type Vector } from './vector.ts';

/** H^T A H, which has numbers on its diagonal and beside it alone. */
export interface Tridiagonal {
  readonly diagonal: Vector;
  /** `beside[i]` stands at (i, i + 1); the last is 0. */
  readonly beside: Vector;
  /** H^T x for a vector x. */
  readonly turn: (x: Vector) => Vector;
}

/**
 * Householder's reduction of a symmetric matrix (Golub and Van Loan, section 8.3.1): about 4/3 n^3 operations. Reads the
 * upper triangle of `matrix` and uses it as its working space.
 */
export function tridiagonalise(matrix: Matrix): Tridiagonal {
  const n = matrix.rows;
  const [diagonal, beside] = [new Float64Array(n), new Float64Array(n)];
  const reflectors: { readonly vector: Vector; readonly factor: number }[] = [];
  let size = 0;
  for (let k = 0; k < n; k++) size = Math.max(size, Math.abs(rowOf(matrix, k)[k] ?? 0));
  // What lies this far below the diagonal is rounding, and its square might not be a number above 0.
  const negligible = Number.EPSILON ** 2 * size;
  for (let k = 0; k < n; k++) {
    const row = rowOf(matrix, k);
    diagonal[k] = row[k] ?? 0;
    const vector = row.subarray(k + 1);
    const length = norm(vector);
    const first = vector[0] ?? 0;
    if (vector.length < 2 || length <= negligible) {
      beside[k] = first;
      reflectors.push({ vector, factor: 0 });
      continue;
    }
    const onto = first > 0 ? -length : length;
    beside[k] = onto;
    vector[0] = first - onto;
    const factor = 2 / dot(vector, vector);
    reflect(matrix, k + 1, vector, factor);
    reflectors.push({ vector, factor });
  }
  const turn = (x: Vector): Vector => {
    const y = x.slice();
    reflectors.forEach(({ vector, factor }, k) => {
      const part = y.subarray(k + 1);
      if (factor > 0) addScaled(part, -factor * dot(vector, part), vector);
    });
    return y;
  };
  return { diagonal, beside, turn };
}

/** A := P A P for P = I - factor v v^T, on the upper triangle of the rows and columns from `start`. */
function reflect(matrix: Matrix, start: number, v: Vector, factor: number): void {
  const m = v.length;
  const upper = (i: number): Vector => rowOf(matrix, start + i).subarray(start + i);
  const w = new Float64Array(m);
  for (let i = 0; i < m; i++) {
    const [row, own] = [upper(i), v[i] ?? 0];
    let sum = (row[0] ?? 0) * own;
    for (let j = 1; j < row.length; j++) {
      const value = row[j] ?? 0;
      sum += value * (v[i + j] ?? 0);
      w[i + j] = (w[i + j] ?? 0) + value * own;
    }
    w[i] = (w[i] ?? 0) + sum;
  }
  for (let i = 0; i < m; i++) w[i] = (w[i] ?? 0) * factor;
  addScaled(w, (-factor / 2) * dot(w, v), v);
  for (let i = 0; i < m; i++) {
    const [row, vi, wi] = [upper(i), v[i] ?? 0, w[i] ?? 0];
    for (let j = 0; j < row.length; j++) row[j] = (row[j] ?? 0) - vi * (w[i + j] ?? 0) - wi * (v[i + j] ?? 0);
  }
}

const ITERATIONS = 100;

/**
 * Eigenvalues of a tridiagonal matrix T, in no order, by the implicit QL method (EISPACK's imtql2); their error is some
 * 1e-16 of the largest. Each of `rows` is
 * turned from x into its products with the eigenvectors, in the order of the values: with rows of the unit matrix these
 * are the eigenvectors' own numbers. Throws RankscopeError('model') when a number is not finite.
 */
export function tridiagonalEigen(
  { diagonal, beside }: Pick<Tridiagonal, 'diagonal' | 'beside'>,
  rows: readonly Vector[] = [],
): Vector {
  const [d, e, n] = [diagonal.slice(), beside.slice(), diagonal.length];
  const largest = Math.max(...d.map(Math.abs), ...e.map(Math.abs), 0);
  for (let l = 0; l < n; l++) {
    for (let tries = 0; ; tries++) {
      const m = endOfBlock(d, e, l, largest);
      if (m === l) break;
      if (tries === ITERATIONS || !Number.isFinite(largest)) {
        throw new RankscopeError({ code: 'model', what: 'The eigenvalues of a matrix were not found.' });
      }
      implicitStep(d, e, { from: l, to: m }, rows);
    }
  }
  return d;
}

/**
 * The last row of the block that begins at row l: what is beside it is zero, up to the rounding of the largest number. A
 * stricter bound may never be met where eigenvalues of many sizes stand in the wrong order.
 */
function endOfBlock(d: Vector, e: Vector, l: number, largest: number): number {
  let m = l;
  for (; m < d.length - 1; m++) {
    const size = Math.abs(d[m] ?? 0) + Math.abs(d[m + 1] ?? 0);
    if (Math.abs(e[m] ?? 0) <= Number.EPSILON * Math.max(size, largest)) break;
  }
  return m;
}

/** One QL step with Wilkinson's shift on the rows `from` to `to`. */
function implicitStep(
  d: Vector,
  e: Vector,
  { from, to }: { readonly from: number; readonly to: number },
  rows: readonly Vector[],
): void {
  const [at, beside] = [d[from] ?? 0, e[from] ?? 0];
  const half = ((d[from + 1] ?? 0) - at) / (2 * beside);
  let g = (d[to] ?? 0) - at + beside / (half + (half >= 0 ? 1 : -1) * Math.hypot(half, 1));
  let [sine, cosine, shift] = [1, 1, 0];
  for (let i = to - 1; i >= from; i--) {
    const [f, b] = [sine * (e[i] ?? 0), cosine * (e[i] ?? 0)];
    const r = Math.hypot(f, g);
    e[i + 1] = r;
    if (r === 0) {
      d[i + 1] = (d[i + 1] ?? 0) - shift;
      e[to] = 0;
      return;
    }
    [sine, cosine] = [f / r, g / r];
    g = (d[i + 1] ?? 0) - shift;
    const turned = ((d[i] ?? 0) - g) * sine + 2 * cosine * b;
    shift = sine * turned;
    d[i + 1] = g + shift;
    g = cosine * turned - b;
    for (const row of rows) {
      const [low, high] = [row[i] ?? 0, row[i + 1] ?? 0];
      row[i + 1] = sine * low + cosine * high;
      row[i] = cosine * low - sine * high;
    }
  }
  d[from] = (d[from] ?? 0) - shift;
  e[from] = g;
  e[to] = 0;
}
