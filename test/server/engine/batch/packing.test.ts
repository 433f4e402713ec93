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
  it('lets tokens see the last positions alone under the mask of a window', () => {
    const { feeds } = packSequences([[7, 8, 9, 4], [5]], 1, 1, { window: 2 });
    const [o, off] = [0, MASKED];
    const first = [o, off, off, off, o, o, off, off, off, o, o, off, off, off, o, o];
    // Queries that are padding see a key that is.
    const second = [o, off, off, off, off, o, o, o, off, o, o, o, off, o, o, o];
    assert.deepEqual(numbers(feeds, 'window_mask'), [...first, ...second]);
    const causal = [o, off, off, off, o, o, off, off, o, o, o, off, o, o, o, o];
    assert.deepEqual(numbers(feeds, 'mask'), [...causal, ...second]);
    const short = packSequences([[7, 8], [5]], 1, 1, { window: 2 }).feeds;
    assert.equal(short.get('window_mask'), short.get('mask'));
  });

  it('lets tokens that see those after them see as many of either side within a window', () => {
    const { feeds } = packSequences([[7, 8, 9, 4]], 1, 1, { window: 2, bidirectional: true });
    const [o, off] = [0, MASKED];
    assert.deepEqual(numbers(feeds, 'window_mask'), [o, o, off, off, o, o, o, off, off, o, o, o, off, off, o, o]);
  });

  it('counts a window from the beginning of a sequence whose first rows are shared', () => {
    const { feeds } = packSequences(
      [
        [1, 2, 3],
        [1, 2, 4],
      ],
      1,
      1,
      { window: 2, sharesPrefixes: true },
    );
    // The second sequence brings its last token alone, whose path are the rows of 1, 2 and 4.
    assert.deepEqual(feeds.get('window_mask')?.dims, [2, 1, 3, 4]);
    assert.deepEqual(numbers(feeds, 'window_mask').slice(12, 16), [MASKED, 0, 0, MASKED]);
  });

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

  it('gives sequences that begin alike the rows of what they have in common, as prefixes alone', () => {
    const sequences = [
      [7, 8, 9],
      [7, 8, 6],
      [8, 9],
      [7, 8, 9, 5],
    ];
    const { feeds, rowsOf, rows } = packSequences(sequences, 1, 1, { sharesPrefixes: true });
    assert.deepEqual(rowsOf, [
      [0, 1, 2],
      [0, 1, 3],
      [4, 5],
      [0, 1, 2, 6],
    ]);
    assert.deepEqual([rows, numbers(feeds, 'tokens')], [7, [7, 8, 9, 6, 8, 9, 5]]);
    assert.deepEqual(numbers(feeds, 'positions'), [0, 1, 2, 2, 0, 1, 3]);
  });

  it('refuses to share what sees the tokens after it', () => {
    const both = { sharesPrefixes: true, bidirectional: true };
    assert.throws(() => packSequences([[1], [1]], 1, 1, both), RankscopeError);
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
        for (const kind of ['query', 'key']) {
          const [padded, places] = [numbers(feeds, `${kind}_rows`), numbers(feeds, `${kind}_places`)];
          assert.equal(places.length, rows * kv);
          assert.equal(new Set(places).size, places.length);
          places.forEach((place, row) => assert.equal(padded[place], row));
        }
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
            const [first, last] = query < length ? [0, query] : [length, longest - 1];
            assert.deepEqual(
              keys,
              Array.from({ length: last - first + 1 }, (_, i) => first + i),
            );
          }
        });
      }),
      { seed: 1 },
    );
  });

  const alike = fc.record({
    sequences: fc.array(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 6 }), {
      minLength: 1,
      maxLength: 6,
    }),
    kv: fc.integer({ min: 1, max: 2 }),
    group: fc.integer({ min: 1, max: 2 }),
  });

  it('shares within the sequences of one number alone', () => {
    const { rowsOf, sequenceOf } = packSequences(
      [
        [5, 6],
        [5, 6],
        [5, 7],
      ],
      1,
      1,
      { sharesPrefixes: [0, 1, 0] },
    );
    assert.deepEqual(rowsOf, [
      [0, 1],
      [2, 3],
      [0, 4],
    ]);
    assert.deepEqual(sequenceOf, [0, 0, 1, 1, 2]);
  });

  it('gives no place among the queries to a sequence that brings no row', () => {
    const sequences = [
      [1, 2, 3],
      [1, 2, 3],
      [1, 2],
      [1, 2, 3, 4],
    ];
    const { feeds } = packSequences(sequences, 2, 2, { sharesPrefixes: true });
    // Two branches bring rows: three, and one more, whose two padding queries have a fifth key to attend to.
    assert.deepEqual(feeds.get('query_rows')?.dims, [2, 2, 3]);
    assert.deepEqual(feeds.get('key_rows')?.dims, [2, 2, 5]);
  });

  it('lets every row attend to its own tokens up to itself and to nothing else, and padding to padding', () => {
    fc.assert(
      fc.property(alike, ({ sequences, kv, group }) => {
        const { feeds, rowsOf } = packSequences(sequences, kv, group, { sharesPrefixes: true });
        const [branches = 0, , queries = 0] = feeds.get('query_rows')?.dims ?? [];
        const keys = feeds.get('key_rows')?.dims[2] ?? 0;
        const [keyRows, places, mask] = [
          numbers(feeds, 'key_rows'),
          numbers(feeds, 'query_places'),
          numbers(feeds, 'mask'),
        ];
        const seenBy = (branch: number, query: number, member: number): number[] => {
          const from = ((branch * queries + query) * group + member) * keys;
          return mask.slice(from, from + keys).flatMap((value, k) => (value === 0 ? [k] : []));
        };
        const real = new Set<string>();
        for (const path of rowsOf) {
          path.forEach((row, position) => {
            for (let h = 0; h < kv; h++) {
              const place = places[row * kv + h] ?? NaN;
              const [branch, query] = [Math.floor(place / queries / kv), place % queries];
              real.add(`${branch} ${query}`);
              for (let member = 0; member < group; member++) {
                assert.deepEqual(
                  seenBy(branch, query, member).map((k) => keyRows[(branch * kv + h) * keys + k]),
                  path.slice(0, position + 1).map((own) => own * kv + h),
                );
              }
            }
          });
        }
        const own = new Set([...numbers(feeds, 'key_places'), ...numbers(feeds, 'further_places')]);
        for (let branch = 0; branch < branches; branch++) {
          for (let query = 0; query < queries; query++) {
            if (real.has(`${branch} ${query}`)) continue;
            const seen = seenBy(branch, query, 0);
            assert.ok(seen.length > 0);
            for (const k of seen) assert.ok(!own.has(branch * kv * keys + k));
          }
        }
      }),
      { seed: 1 },
    );
  });

  it('knows every place of every key once, the first apart from the others', () => {
    fc.assert(
      fc.property(alike, ({ sequences, kv, group }) => {
        const { feeds, rows } = packSequences(sequences, kv, group, { sharesPrefixes: true });
        const keyRows = numbers(feeds, 'key_rows');
        const [first, further] = [numbers(feeds, 'key_places'), numbers(feeds, 'further_places')];
        assert.equal(first.length, rows * kv);
        first.forEach((place, row) => assert.equal(keyRows[place], row));
        assert.deepEqual(
          numbers(feeds, 'further_rows'),
          further.map((place) => keyRows[place]),
        );
        assert.equal(new Set([...first, ...further]).size, first.length + further.length);
        assert.equal(rows, new Set(sequences.flatMap((ids) => ids.map((_, l) => ids.slice(0, l + 1).join()))).size);
      }),
      { seed: 1 },
    );
  });
});
