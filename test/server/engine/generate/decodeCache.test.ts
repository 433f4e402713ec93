import assert from 'node:assert/strict';
import { MASKED } from '../../../../server/engine/batch/packing.ts';
import { pastMasks } from '../../../../server/engine/generate/decodeCache.ts';

describe('pastMasks', () => {
  const [o, off] = [0, MASKED];

  it('shows the filled positions, and within a window the last of them, to which the new row adds its own', () => {
    const masks = new Map(pastMasks([4, 1], { capacity: 5, window: 3 }));
    assert.deepEqual([...(masks.get('past_mask')?.data ?? [])], [o, o, o, o, off, o, off, off, off, off]);
    assert.deepEqual([...(masks.get('past_window_mask')?.data ?? [])], [off, off, o, o, off, o, off, off, off, off]);
    assert.deepEqual(masks.get('past_window_mask')?.dims, [2, 1, 1, 5]);
  });

  it('has no window where the model has none', () => {
    assert.deepEqual([...new Map(pastMasks([2], { capacity: 3 })).keys()], ['past_mask']);
  });
});
