import assert from 'node:assert/strict';
import { thin } from '../../../webview/chart/thin.ts';

const steps = (count: number) => Float64Array.from({ length: count }, (_, i) => i);

describe('thinning a curve for drawing', () => {
  it('leaves short curves as they are, without what was not measured', () => {
    assert.deepEqual(thin([1, 2, 3], [0.5, Number.NaN, 0.25], 10), [
      { x: 1, y: 0.5 },
      { x: 3, y: 0.25 },
    ]);
  });

  it('keeps first, last and every spike, within the budget and in order', () => {
    const y = Float64Array.from({ length: 100_000 }, () => 1);
    y[54_321] = 9;
    y[77_777] = -4;
    const points = thin(steps(100_000), y, 500);
    assert.ok(points.length <= 500, `${points.length} points`);
    assert.deepEqual(points[0], { x: 0, y: 1 });
    assert.deepEqual(points.at(-1), { x: 99_999, y: 1 });
    assert.ok(points.some((point) => point.x === 54_321 && point.y === 9));
    assert.ok(points.some((point) => point.x === 77_777 && point.y === -4));
    assert.deepEqual(
      points.map(({ x }) => x),
      points.map(({ x }) => x).sort((a, b) => a - b),
    );
  });

  it('has no point where a whole stretch was not measured', () => {
    const y = steps(1000).map((step) => (step < 500 ? Number.NaN : step));
    assert.ok(thin(steps(1000), y, 100).every((point) => point.x >= 500));
  });

  it('keeps the lowest and the highest of every bucket in the order in which they stand', () => {
    // A budget of 6 has two buckets between first and last: 1 to 4 and 5 to 8.
    const y = [5, 3, 9, 1, 4, 6, 2, 8, 7, 0];
    assert.deepEqual(
      thin(steps(10), y, 6).map(({ x, y: value }) => [x, value]),
      [
        [0, 5],
        [2, 9],
        [3, 1],
        [6, 2],
        [7, 8],
        [9, 0],
      ],
    );
  });

  it('has one point of a bucket whose values are all the same, and none of what was not measured', () => {
    const y = [1, 4, 4, 4, 4, NaN, NaN, 7, NaN, 1];
    assert.deepEqual(
      thin(steps(10), y, 6).map(({ x }) => x),
      [0, 1, 7, 9],
    );
  });

  it('draws a curve of just the budget whole, also where x or y goes on', () => {
    assert.equal(thin(steps(6), [1, 2, 3, 4, 5, 6], 6).length, 6);
    assert.equal(thin(steps(9), [1, 2, 3], 6).length, 3);
    assert.ok(thin(steps(7), [1, 2, 3, 4, 5, 6, 7], 6).length <= 6);
  });
});
