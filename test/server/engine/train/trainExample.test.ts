import assert from 'node:assert/strict';
import { packSequences } from '../../../../server/engine/batch/packing.ts';
import { inputIds, labelFeeds } from '../../../../server/engine/train/labels.ts';
import { chatExample, fitExample, labelCount, labelPlaces } from '../../../../server/engine/train/trainExample.ts';

describe('fitExample', () => {
  it('puts the completion after the prompt, its first token the first label', () => {
    assert.deepEqual(fitExample([1, 2, 3], [4, 5], 8), { ids: [1, 2, 3, 4, 5], firstLabel: 3 });
  });

  it('keeps the end of a prompt that is too long', () => {
    assert.deepEqual(fitExample([1, 2, 3, 4], [5, 6], 4), { ids: [3, 4, 5, 6], firstLabel: 2 });
  });

  it('keeps the beginning of a completion that is too long, and one token before it', () => {
    assert.deepEqual(fitExample([1, 2], [3, 4, 5, 6], 4), { ids: [2, 3, 4, 5], firstLabel: 1 });
  });
});

describe('chatExample', () => {
  const ids = [1, 2, 3, 4, 5, 6, 7];
  const labels = (...places: readonly number[]) => ids.map((_, i) => places.includes(i));
  const of = (isLabel: readonly boolean[], maxLength = 10) => chatExample({ ids, isLabel }, maxLength);

  it('ends at its last label, and knows the turns of others between two answers', () => {
    assert.deepEqual(of(labels(2, 3)), { ids: [1, 2, 3, 4], firstLabel: 2 });
    const two = of(labels(1, 4, 5));
    assert.deepEqual(two, { ids: [1, 2, 3, 4, 5, 6], firstLabel: 1, unlabelled: new Set([2, 3]) });
    assert.deepEqual(labelPlaces(two), [1, 4, 5]);
    assert.equal(labelCount(two), 3);
  });

  it('keeps the beginning of a chat that is too long, and has no label where none is left', () => {
    assert.deepEqual(of(labels(1, 4, 5), 5), { ids: [1, 2, 3, 4, 5], firstLabel: 1, unlabelled: new Set([2, 3]) });
    assert.deepEqual(of(labels(1, 4, 5), 4), { ids: [1, 2], firstLabel: 1 });
    assert.equal(labelCount(of(labels(4, 5), 4)), 0);
  });
});

describe('labels', () => {
  it('never count the first token, which nothing predicts', () => {
    assert.equal(labelCount({ ids: [1, 2, 3], firstLabel: 0 }), 2);
    assert.equal(labelCount({ ids: [1, 2, 3], firstLabel: 2 }), 1);
  });

  it('are read from all tokens but the last, which is a label alone; a class from all', () => {
    assert.deepEqual(inputIds({ ids: [1, 2, 3], firstLabel: 1 }), [1, 2]);
    assert.deepEqual(inputIds({ ids: [1], firstLabel: 0 }), [1]);
    assert.deepEqual(inputIds({ ids: [1, 2, 3], label: 0 }), [1, 2, 3]);
  });

  it('stand at the row before each label, in the rows of the whole batch', () => {
    const examples = [
      { ids: [1, 2, 3, 4], firstLabel: 2 },
      { ids: [5, 6, 7], firstLabel: 0 },
    ];
    const batch = packSequences(
      examples.map((e) => e.ids),
      1,
      1,
    );
    const feeds = new Map(labelFeeds(examples, batch));
    assert.deepEqual(feeds.get('label_rows')?.data, BigInt64Array.of(1n, 2n, 4n, 5n));
    assert.deepEqual(feeds.get('labels')?.data, BigInt64Array.of(3n, 4n, 6n, 7n));
    assert.deepEqual(feeds.get('labels')?.dims, [4, 1]);
  });

  it('leave out the turns of others in a chat', () => {
    const examples = [{ ids: [1, 2, 3, 4, 5], firstLabel: 1, unlabelled: new Set([2, 3]) }];
    const batch = packSequences([examples[0]?.ids ?? []], 1, 1);
    const feeds = new Map(labelFeeds(examples, batch));
    assert.deepEqual(feeds.get('label_rows')?.data, BigInt64Array.of(0n, 3n));
    assert.deepEqual(feeds.get('labels')?.data, BigInt64Array.of(2n, 5n));
  });
});
