/** Arithmetic of float64 vectors. Vectors that are combined have one length. */
export type Vector = Float64Array;

/** A matrix, row by row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  /** [rows, columns], row-major. */
  readonly values: Vector;
}

export const rowOf = ({ columns, values }: Matrix, row: number): Vector =>
  values.subarray(row * columns, (row + 1) * columns);

export function dot(a: Vector, b: Vector): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0);
  return sum;
}

export const norm = (a: Vector): number => Math.sqrt(dot(a, a));

/** into += factor * from */
export function addScaled(into: Vector, factor: number, from: Vector): void {
  for (let i = 0; i < into.length; i++) into[i] = (into[i] ?? 0) + factor * (from[i] ?? 0);
}

export const scaled = (a: Vector, factor: number): Vector => a.map((value) => value * factor);

/** The sum of `vectors`, each times its weight. */
export function combination(vectors: readonly Vector[], weights: Vector): Vector {
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  vectors.forEach((vector, i) => addScaled(sum, weights[i] ?? 0, vector));
  return sum;
}

/** A x: [rows] */
export function times(matrix: Matrix, x: Vector): Vector {
  return Float64Array.from({ length: matrix.rows }, (_, row) => dot(rowOf(matrix, row), x));
}

/** A^T y: [columns] */
export function transposedTimes(matrix: Matrix, y: Vector): Vector {
  const sum = new Float64Array(matrix.columns);
  for (let row = 0; row < matrix.rows; row++) addScaled(sum, y[row] ?? 0, rowOf(matrix, row));
  return sum;
}
