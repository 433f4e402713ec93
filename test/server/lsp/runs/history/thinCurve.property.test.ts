import assert from 'node:assert/strict';
import fc from 'fast-check';
import { thinCurve } from '../../../../../server/lsp/runs/history/thinCurve.ts';

const value = fc.oneof(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), fc.constant(NaN));
const curve = fc.integer({ min: 1, max: 700 }).chain((length) => {
  const column = fc.array(value, { minLength: length, maxLength: length });
  return fc.record({ length: fc.constant(length), columns: fc.array(column, { minLength: 1, maxLength: 3 }) });
});
const budget = fc.integer({ min: 10, max: 300 });

const numbers = (column: readonly number[]) => column.filter((x) => !Number.isNaN(x));

describe('thinned', () => {
  it('keeps within the budget, in order, with both ends', () => {
    fc.assert(
      fc.property(curve, budget, ({ columns, length }, most) => {
        const places = thinCurve(columns, length, most);
        assert.ok(places.length <= Math.max(most, 2));
        assert.ok(places.every((place, i) => Number.isInteger(place) && (i === 0 || place > (places[i - 1] ?? -1))));
        assert.deepEqual([places[0], places.at(-1)], [0, length - 1]);
      }),
    );
  });

  it('never loses the lowest or the highest value of a column', () => {
    fc.assert(
      fc.property(curve, budget, ({ columns, length }, most) => {
        const places = thinCurve(columns, length, most);
        for (const column of columns.filter((one) => numbers(one).length > 0)) {
          const kept = numbers(places.map((place) => column[place] ?? NaN));
          assert.equal(Math.min(...kept), Math.min(...numbers(column)));
          assert.equal(Math.max(...kept), Math.max(...numbers(column)));
        }
      }),
    );
  });

  it('keeps the extremes of every stretch of the curve, not of the whole alone', () => {
    const length = 10_000;
    const wave = Array.from({ length }, (_, i) => (i % 100 === 50 ? 1 : 0));
    const places = thinCurve([wave], length, 400);
    assert.equal(places.filter((place) => wave[place] === 1).length, 100);
  });

  it('leaves a short curve as it is', () => {
    assert.deepEqual(thinCurve([[3, 1, 2]], 3, 10), [0, 1, 2]);
    assert.deepEqual(thinCurve([[]], 0, 10), []);
  });
});
