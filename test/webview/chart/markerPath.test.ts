import assert from 'node:assert/strict';
import { markerPath } from '../../../webview/chart/markerPath.ts';
import type { Marker } from '../../../webview/chart/armStyle.ts';

/** Corners that a path of straight lines goes through, as distances from where it is drawn, in halves of its size. */
function corners(marker: Marker): readonly (readonly [number, number])[] {
  let [x, y] = [0, 0];
  const commands = markerPath(marker, 100, 50, 4).matchAll(/([Mlhv])([^Mlhvz]*)/g);
  return [...commands].map(([, command = '', numbers = '']) => {
    const [a = 0, b = 0] = numbers.trim().split(' ').map(Number);
    [x, y] = command === 'M' ? [a, b] : command === 'l' ? [x + a, y + b] : command === 'h' ? [x + a, y] : [x, y + a];
    return [Number(((x - 100) / 4).toFixed(6)), Number(((y - 50) / 4).toFixed(6))] as const;
  });
}

describe('the markers of curves', () => {
  it('have their corners around the point, y downwards', () => {
    assert.deepEqual(corners('square'), [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ]);
    assert.deepEqual(corners('triangle'), [
      [0, -1],
      [1, 1],
      [-1, 1],
    ]);
    // A little larger, since it has the least area.
    assert.deepEqual(corners('diamond'), [
      [0, -1.3],
      [1.3, 0],
      [0, 1.3],
      [-1.3, 0],
    ]);
    assert.deepEqual(corners('cross'), [
      [-1, -1],
      [1, 1],
      [-1, 1],
      [1, -1],
    ]);
  });

  it('are a circle of two halves', () => {
    assert.equal(markerPath('circle', 100, 50, 4), 'M96 50a4 4 0 1 0 8 0a4 4 0 1 0 -8 0z');
  });
});
