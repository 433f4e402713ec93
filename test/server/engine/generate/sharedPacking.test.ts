import assert from 'node:assert/strict';
import { packShared } from '../../../../server/engine/generate/sharedPacking.ts';
import type { HostTensor } from '../../../../server/engine/onnx/runtime.ts';

const SIZES = { heads: 4, keyValueHeads: 2 };

const numbers = (feeds: ReadonlyMap<string, HostTensor>, name: string): number[] =>
  Array.from(feeds.get(name)?.data ?? [], Number);

describe('packShared', () => {
  it('lays down once an arm what sequences begin with in common', () => {
    const { feeds, rowsOf, armOfRow } = packShared(
      [
        { arm: 0, ids: [5, 6, 7] },
        { arm: 0, ids: [5, 6, 8, 9] },
        { arm: 1, ids: [5, 6, 7] },
        { arm: 0, ids: [4, 6, 7] },
      ],
      SIZES,
    );
    assert.deepEqual(rowsOf, [
      [0, 1, 2],
      [0, 1, 3, 4],
      [5, 6, 7],
      [8, 9, 10],
    ]);
    assert.deepEqual(numbers(feeds, 'tokens'), [5, 6, 7, 8, 9, 5, 6, 7, 4, 6, 7]);
    assert.deepEqual(numbers(feeds, 'positions'), [0, 1, 2, 2, 3, 0, 1, 2, 0, 1, 2]);
    assert.deepEqual(armOfRow, [0, 0, 0, 0, 0, 1, 1, 1, 0, 0, 0]);
  });

  it('gives no rows of its own to a sequence that equals an earlier one, or one that an earlier one goes on from', () => {
    const { feeds, rowsOf } = packShared(
      [
        [1, 2, 3],
        [1, 2, 3],
        [1, 2],
        [1, 2, 3, 4],
      ].map((ids) => ({ arm: 0, ids })),
      SIZES,
    );
    assert.deepEqual(rowsOf, [
      [0, 1, 2],
      [0, 1, 2],
      [0, 1],
      [0, 1, 2, 3],
    ]);
    // Two branches bring rows: three, and one more.
    assert.deepEqual(feeds.get('to_queries')?.dims, [2, 2, 3]);
    assert.deepEqual(feeds.get('to_keys')?.dims, [2, 2, 4]);
  });

  it('lets every row attend to its own tokens before it and to nothing else, in both query heads', () => {
    const sequences = [
      { arm: 0, ids: [5, 6, 7] },
      { arm: 0, ids: [5, 8, 9, 1] },
      { arm: 1, ids: [5, 6] },
    ];
    const { feeds, rowsOf } = packShared(sequences, SIZES);
    const [, heads = 0, queries = 0] = feeds.get('to_queries')?.dims ?? [];
    const keys = feeds.get('to_keys')?.dims[2] ?? 0;
    const [toKeys, toPacked, mask] = [numbers(feeds, 'to_keys'), numbers(feeds, 'to_packed'), numbers(feeds, 'mask')];
    for (const path of rowsOf) {
      path.forEach((row, position) => {
        for (let h = 0; h < heads; h++) {
          const padded = toPacked[row * heads + h] ?? NaN;
          const [branch, query] = [Math.floor(padded / queries / heads), padded % queries];
          for (const member of [0, 1]) {
            const from = ((branch * queries + query) * 2 + member) * keys;
            const seen = mask.slice(from, from + keys).flatMap((value, k) => (value === 0 ? [k] : []));
            const rows = seen.map((k) => toKeys[(branch * heads + h) * keys + k]);
            assert.deepEqual(
              rows,
              path.slice(0, position + 1).map((own) => own * heads + h),
            );
          }
        }
      });
    }
  });

  it('refuses a sequence without tokens', () => {
    assert.throws(() => packShared([{ arm: 0, ids: [] }], SIZES), /empty sequence/);
  });
});
