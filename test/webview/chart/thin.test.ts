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
});
