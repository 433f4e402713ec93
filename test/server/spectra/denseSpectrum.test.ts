import assert from 'node:assert/strict';
import fc from 'fast-check';
import { leadingLeftVectors, singularValues } from '../../../server/spectra/denseSpectrum.ts';
import { greatestCosines } from '../../../server/spectra/intruders.ts';
import { dot, norm, times, transposedTimes, type Matrix } from '../../../server/spectra/vector.ts';
import { assertNear, oracle } from './oracle.ts';

function matrixOf(rows: number, columns: number, value: (row: number, column: number) => number): Matrix {
  const values = Float64Array.from({ length: rows * columns }, (_, at) =>
    value(Math.floor(at / columns), at % columns),
  );
  return { rows, columns, values };
}

describe('the spectrum of a dense matrix', () => {
  for (const { rows, columns, rank = rows, values, cosines } of oracle.dense) {
    const value = (i: number, j: number): number => {
      const row = i % rank;
      return Math.sin(row * row + 3 * row * j + 0.7 * j);
    };
    const matrix = matrixOf(rows, columns, value);
    const name = `${rows} x ${columns}, rank ${Math.min(rank, columns)}`;

    it(`has NumPy's singular values (${name})`, () => {
      assertNear(singularValues(matrix), values, 1e-6 * values[0]!);
    });

    it(`has NumPy's greatest cosines with the leading vectors of another matrix (${name})`, () => {
      const other = matrixOf(rows, columns, (i, j) => Math.cos(i + j * j) + value(i, j));
      assertNear(greatestCosines(matrix, leadingLeftVectors(other, cosines.length)), cosines, 1e-6);
    });
  }

  it('gives leading vectors that are orthonormal and lengthened by the singular values', () => {
    const matrix = matrixOf(90, 70, (i, j) => Math.sin(i * i + 3 * i * j) / (1 + j));
    const values = singularValues(matrix);
    const vectors = leadingLeftVectors(matrix, 5);
    assert.equal(vectors.length, 5);
    vectors.forEach((vector, i) => {
      assert.ok(Math.abs(norm(transposedTimes(matrix, vector)) - values[i]!) < 1e-9 * values[0]!, `vector ${i}`);
      vectors.forEach((other, j) => assert.ok(Math.abs(dot(vector, other) - (i === j ? 1 : 0)) < 1e-12, `${i}, ${j}`));
    });
  });

  it('finds vectors of equal singular values, and no more than there are rows', () => {
    const unit = matrixOf(6, 6, (i, j) => (i === j ? 3 : 0));
    assertNear(singularValues(unit), [3, 3, 3, 3, 3, 3], 1e-12);
    const vectors = leadingLeftVectors(unit, 9);
    assert.equal(vectors.length, 6);
    for (const vector of vectors) assert.ok(Math.abs(norm(times(unit, vector)) - 3) < 1e-12);
  });

  it('finds the values of a change of rank 1 that was rounded to float32', () => {
    const matrix = matrixOf(150, 150, (i, j) => {
      const base = Math.fround(0.1 * Math.sin((150 * i + j) ** 2));
      return Math.fround(base + (Math.sin(i * i) * Math.cos(2 * j * j)) / 100) - base;
    });
    const values = singularValues(matrix);
    const energy = dot(matrix.values, matrix.values);
    assert.ok(Math.abs(values[0]! ** 2 - energy) < 1e-9 * energy, String(values[0]));
    assert.ok(values[1]! < 1e-6 * values[0]!, String(values[1]));
  });

  it('has values of zero for a matrix of zeros', () => {
    assertNear(singularValues(matrixOf(3, 5, () => 0)), [0, 0, 0], 0);
  });

  it('refuses what is not finite', () => {
    assert.throws(() => singularValues(matrixOf(3, 3, (i) => (i === 1 ? NaN : i))), { code: 'model' });
  });

  it('keeps the energy of any matrix', () => {
    const shape = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }));
    fc.assert(
      fc.property(shape, fc.infiniteStream(fc.float({ min: -9, max: 9, noNaN: true })), ([rows, columns], stream) => {
        const matrix = matrixOf(rows, columns, () => stream.next().value as number);
        const energy = dot(matrix.values, matrix.values);
        const sum = singularValues(matrix).reduce((total, value) => total + value * value, 0);
        assert.ok(Math.abs(sum - energy) <= 1e-10 * energy, `${sum}, should be ${energy}`);
      }),
    );
  });
});
