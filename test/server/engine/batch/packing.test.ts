import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MASKED, packSequences } from '../../../../server/engine/batch/packing.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';

const numbers = (feeds: ReturnType<typeof packSequences>['feeds'], name: string): number[] => {
  const tensor = feeds.get(name);
  assert.ok(tensor, name);
  return Array.from(tensor.data, Number);
};

describe('packSequences', () => {
  it('lays tokens end to end and counts positions within each sequence', () => {
    const { feeds, starts, rows } = packSequences([[7, 8, 9], [5], [6, 4]], 1, 1);
    assert.deepEqual(numbers(feeds, 'tokens'), [7, 8, 9, 5, 6, 4]);
    assert.deepEqual(numbers(feeds, 'positions'), [0, 1, 2, 0, 0, 1]);
    assert.deepEqual([starts, rows], [[0, 3, 4], 6]);
  });

  it('shows a row the keys up to its own of its own sequence', () => {
    const { feeds } = packSequences([[7, 8], [5]], 1, 1);
    const off = MASKED;
    // The second sequence's padding row attends to the padding alone.
    assert.deepEqual(numbers(feeds, 'mask'), [0, off, 0, 0, 0, off, off, 0]);
    assert.deepEqual(feeds.get('mask')?.dims, [2, 1, 2, 2]);
  });

  it('refuses an empty sequence, and no sequence', () => {
    for (const sequences of [[[1], []], []]) assert.throws(() => packSequences(sequences, 1, 1), RankscopeError);
  });

  const batches = fc.record({
    lengths: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 5 }),
    kv: fc.integer({ min: 1, max: 3 }),
    group: fc.integer({ min: 1, max: 3 }),
  });
  const pack = (lengths: readonly number[], kv: number, group: number): ReturnType<typeof packSequences> =>
    packSequences(
      lengths.map((n) => Array<number>(n).fill(1)),
      kv,
      group,
    );

  it('has a place for each row and head, from which the inverse index leads back', () => {
    fc.assert(
      fc.property(batches, ({ lengths, kv, group }) => {
        const { feeds, rows } = pack(lengths, kv, group);
        const [toPadded, toPacked] = [numbers(feeds, 'to_padded'), numbers(feeds, 'to_packed')];
        assert.equal(toPacked.length, rows * kv);
        assert.equal(new Set(toPacked).size, toPacked.length);
        toPacked.forEach((place, row) => assert.equal(toPadded[place], row));
      }),
      { seed: 1 },
    );
  });

  it('lets padding be seen by padding only, and leaves no row without a key', () => {
    fc.assert(
      fc.property(batches, ({ lengths, kv, group }) => {
        const mask = numbers(pack(lengths, kv, group).feeds, 'mask');
        const longest = Math.max(...lengths);
        lengths.forEach((length, b) => {
          for (let m = 0; m < longest * group; m++) {
            const at = (b * longest * group + m) * longest;
            const keys = mask.slice(at, at + longest).flatMap((x, k) => (x === 0 ? [k] : []));
            const query = Math.floor(m / group);
            const first = query < length ? 0 : length;
            assert.deepEqual(
              keys,
              Array.from({ length: query - first + 1 }, (_, i) => first + i),
            );
          }
        });
      }),
      { seed: 1 },
    );
  });
});
