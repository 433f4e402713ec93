import assert from 'node:assert/strict';
import fc from 'fast-check';
import { energyOf } from '../../../server/spectra/energy.ts';
import { addTriples, factoredSvd, truncate, type LowRankProduct } from '../../../server/spectra/factoredSvd.ts';
import { dot, type Matrix } from '../../../server/spectra/vector.ts';
import { assertNear } from './oracle.ts';

/** The whole matrix scale B A, number by number. */
function whole({ scale, b, a }: LowRankProduct): Matrix {
  const [rows, columns] = [b[0]!.length, a[0]!.length];
  const values = new Float64Array(rows * columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      values[i * columns + j] = scale * b.reduce((sum, column, r) => sum + column[i]! * a[r]![j]!, 0);
    }
  }
  return { rows, columns, values };
}

const number = fc.float({ min: -4, max: 4, noNaN: true });
const products = fc
  .record({
    rows: fc.integer({ min: 1, max: 9 }),
    columns: fc.integer({ min: 1, max: 9 }),
    rank: fc.integer({ min: 1, max: 5 }),
    scale: fc.double({ min: 0.1, max: 8, noNaN: true }),
  })
  .chain(({ rows, columns, rank, scale }) => {
    const vectors = (length: number) =>
      fc.array(
        fc.array(number, { minLength: length, maxLength: length }).map((values) => Float64Array.from(values)),
        { minLength: rank, maxLength: rank },
      );
    return fc.record({ scale: fc.constant(scale), b: vectors(rows), a: vectors(columns) });
  });

describe('the singular values of a product of low rank', () => {
  it('are as many as its rank, the largest first, and its vectors are the product again', () => {
    fc.assert(
      fc.property(products, (product) => {
        const svd = factoredSvd(product);
        assert.equal(svd.values.length, product.a.length);
        svd.values.slice(1).forEach((value, i) => assert.ok(value <= svd.values[i]!));
        const matrix = whole(product);
        const sum = { ...matrix, values: new Float64Array(matrix.values.length) };
        addTriples(sum, svd);
        assertNear(sum.values, matrix.values, 1e-12 * (1 + svd.values[0]!));
      }),
    );
  });

  it('lose with a lower rank the squares of those that are dropped, and nothing else', () => {
    fc.assert(
      fc.property(products, fc.integer({ min: 1, max: 5 }), (product, rank) => {
        const svd = factoredSvd(product);
        const [before, after] = [whole(product), whole(truncate(svd, rank))];
        const difference = before.values.map((value, i) => value - after.values[i]!);
        const energy = energyOf(svd.values);
        const dropped = energyOf(svd.values.slice(rank));
        assert.ok(Math.abs(dot(difference, difference) - dropped) <= 1e-12 * (1 + energy));
        assert.ok(Math.abs(dot(after.values, after.values) + dropped - energy) <= 1e-12 * (1 + energy));
      }),
    );
  });

  it('are zero for an adapter that has learned nothing', () => {
    const product = {
      scale: 2,
      b: [new Float64Array(3), new Float64Array(3)],
      a: [Float64Array.of(1, 2), Float64Array.of(3, 4)],
    };
    assert.deepEqual(factoredSvd(product).values, [0, 0]);
    assertNear(whole(truncate(factoredSvd(product), 1)).values, new Float64Array(6), 0);
  });
});
