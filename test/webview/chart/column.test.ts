import assert from 'node:assert/strict';
import { append, cut, filled, lowerBound, newColumn } from '../../../webview/chart/column.ts';

describe('a growing column', () => {
  it('keeps what was appended over its first memory', () => {
    const column = newColumn();
    for (let i = 0; i < 100; i++) append(column, [i * 10, null, i * 10 + 5]);
    assert.equal(column.length, 300);
    assert.deepEqual([...filled(column).slice(297)], [990, Number.NaN, 995]);
  });

  it('takes as much at once as there is', () => {
    const column = newColumn();
    append(
      column,
      Array.from({ length: 5000 }, (_, i) => i),
    );
    assert.equal(filled(column)[4999], 4999);
  });

  it('forgets its end', () => {
    const column = newColumn();
    append(column, [1, 2, 3]);
    cut(column, 1);
    append(column, [9]);
    assert.deepEqual([...filled(column)], [1, 9]);
  });

  it('finds the first value that is not below another', () => {
    const column = newColumn();
    append(column, [1, 3, 5]);
    assert.deepEqual(
      [0, 1, 2, 5, 6].map((value) => lowerBound(column, value)),
      [0, 0, 1, 2, 3],
    );
  });
});
