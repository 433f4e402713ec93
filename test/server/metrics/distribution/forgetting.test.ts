import assert from 'node:assert/strict';
import { forgetting, neutralLoss } from '../../../../server/metrics/distribution/forgetting.ts';
import { isMeasured } from '../../../../server/protocol/run/estimate.ts';

const options = { seed: 7, resamples: 400 };
const base = [
  { nll: 10, tokens: 4 },
  { nll: 6, tokens: 2 },
];

describe('forgetting', () => {
  it('is the difference of the losses over all tokens of all texts, not a mean of differences by text', () => {
    // (2 + 4) nats over 6 tokens; the mean of 2/4 and 4/2 would be 1.25.
    const arm = [
      { nll: 12, tokens: 4 },
      { nll: 10, tokens: 2 },
    ];
    const found = forgetting(arm, base, options);
    assert.ok(isMeasured(found));
    // Two texts: one alone gives 0.5 or 2, which draws of it twice do.
    assert.deepEqual(found, { value: 1, low: 0.5, high: 2, n: 2 });
  });

  it('is below zero where the arm has become better, and has no interval over a single text', () => {
    assert.deepEqual(forgetting([{ nll: 9, tokens: 4 }], base.slice(0, 1), options), { value: -0.25, n: 1 });
  });

  it('is a reason where texts differ, where there are none, and where a loss is not finite', () => {
    assert.deepEqual(forgetting(base, base.slice(1), options), {
      unmeasured: 'the arm and the base were not measured on the same texts',
    });
    assert.deepEqual(forgetting([], [], options), { unmeasured: 'there are no tokens' });
    const broken = [{ nll: Infinity, tokens: 4 }, ...base.slice(1)];
    assert.deepEqual(forgetting(broken, base, options), { unmeasured: 'the loss is not finite' });
  });

  it('goes with the loss itself, a token counting as a token', () => {
    assert.deepEqual(neutralLoss(base), { value: 16 / 6, n: 6 });
    assert.deepEqual(neutralLoss([]), { unmeasured: 'there are no tokens' });
  });
});
