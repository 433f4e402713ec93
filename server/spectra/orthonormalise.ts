import { addScaled, dot, norm, scaled, type Vector } from './vector.ts';

export interface QrFactors {
  /** Q: orthonormal vectors, as many as were given; zero where a vector depends on those before it. */
  readonly basis: readonly Vector[];
  /** R, column by column: vector j is the sum of `basis[i] * triangle[j][i]`. */
  readonly triangle: readonly Vector[];
}

/** What is smaller than this share of a vector is taken for rounding. */
const ROUNDING = 1e-14;

/**
 * The thin QR factors of a matrix whose columns are `vectors`, by Gram-Schmidt done twice ("twice is enough": Giraud,
 * Langou and Rozloznik, 2005), which keeps the basis orthogonal to float64's precision.
 */
export function orthonormalise(vectors: readonly Vector[]): QrFactors {
  const basis: Vector[] = [];
  const triangle = vectors.map((vector) => {
    const rest = vector.slice();
    const column = new Float64Array(vectors.length);
    const before = norm(vector);
    for (const round of [0, 1]) {
      basis.forEach((one, i) => {
        const part = dot(one, rest);
        column[i] = (round === 0 ? 0 : (column[i] ?? 0)) + part;
        addScaled(rest, -part, one);
      });
    }
    const length = norm(rest);
    const depends = length <= ROUNDING * before;
    column[basis.length] = depends ? 0 : length;
    basis.push(depends ? new Float64Array(rest.length) : scaled(rest, 1 / length));
    return column;
  });
  return { basis, triangle };
}
