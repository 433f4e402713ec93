import assert from 'node:assert/strict';
import { asPerplexity, heldOutLoss } from '../../../../server/metrics/distribution/heldOutLoss.ts';

const options = { seed: 3, resamples: 400 };

describe('heldOutLoss', () => {
  const losses = [
    { nll: 2, tokens: 1 },
    { nll: 2, tokens: 4 },
    { nll: 8, tokens: 5 },
  ];

  it('is nats per token over all texts, with the number of tokens and an interval', () => {
    const loss = heldOutLoss(losses, undefined, options);
    assert.ok('value' in loss);
    assert.deepEqual([loss.value, loss.n], [1.2, 10]);
    // No draw of three texts has less than the second's loss, nor more than the first's.
    assert.ok(loss.low! >= 0.5 && loss.low! < 1.2 && loss.high! > 1.2 && loss.high! <= 2);
  });

  it('draws whole sentences: one cluster of two texts and one of one', () => {
    const loss = heldOutLoss(losses, ['a', 'a', 'b'], options);
    // Draws are aa, ab and bb: 4 / 5, 12 / 10 and 8 / 5.
    assert.deepEqual(loss, { value: 1.2, low: 0.8, high: 1.6, n: 10 });
  });

  it('has no interval of a single text, and none of no tokens', () => {
    assert.deepEqual(heldOutLoss([{ nll: 3, tokens: 2 }], undefined, options), { value: 1.5, n: 2 });
    assert.deepEqual(heldOutLoss([], undefined, options), { unmeasured: 'there are no tokens' });
    assert.deepEqual(heldOutLoss([{ nll: Infinity, tokens: 2 }], undefined, options), {
      unmeasured: 'the loss is not finite',
    });
  });

  it('is a perplexity by its exponential, ends of the interval included', () => {
    assert.deepEqual(asPerplexity({ value: 0, low: Math.log(0.5), high: Math.LN2, n: 7 }), {
      ...{ value: 1, low: 0.5, high: 2, n: 7 },
    });
    assert.deepEqual(asPerplexity({ value: 0, n: 7 }), { value: 1, n: 7 });
    assert.deepEqual(asPerplexity({ unmeasured: 'why' }), { unmeasured: 'why' });
    assert.deepEqual(asPerplexity({ value: 1, low: 1, high: 1000 }), { unmeasured: 'the loss is not finite' });
  });
});
