import assert from 'node:assert/strict';
import fc from 'fast-check';
import { batchesByLength } from '../../../../server/engine/encoder/batchesByLength.ts';

describe('batchesByLength', () => {
  it('puts every sequence into one batch, longest first, within the bounds', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 300 }), (lengths) => {
        const batches = batchesByLength(lengths);
        const flat = batches.flat();
        assert.deepEqual(
          flat.toSorted((a, b) => a - b),
          lengths.map((_, i) => i),
        );
        const inOrder = flat.map((i) => lengths[i] ?? NaN);
        assert.deepEqual(
          inOrder,
          lengths.toSorted((a, b) => b - a),
        );
        for (const batch of batches) {
          const longest = lengths[batch[0] ?? -1] ?? NaN;
          assert.ok(batch.length === 1 || (batch.length <= 64 && batch.length * longest ** 2 <= 2 ** 20));
        }
      }),
    );
  });
});
