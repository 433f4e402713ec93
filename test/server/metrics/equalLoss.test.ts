import assert from 'node:assert/strict';
import { atLoss, commonLoss, compareAtEqualLoss, differencesBeyondChance } from '../../../server/metrics/equalLoss.ts';
import type { LearningCurve, LearningPoint } from '../../../server/protocol/learning.ts';

const point = (step: number, loss: number, rate: number, kl: number, half = 0.05): LearningPoint => ({
  ...{ step, loss, kl },
  toxicity: { rate, low: rate - half, high: rate + half },
});
const lora = (rank: number, points: readonly LearningPoint[]): LearningCurve => ({
  ...{ arm: `r${rank}`, method: 'lora' as const, rank, points },
});

/** r2 goes half as far as r8 on the same line: toxicity 0.4 - 0.3 x (1 - loss). */
const slow = lora(2, [point(0, 1, 0.4, 0), point(10, 0.9, 0.37, 0.1), point(20, 0.8, 0.34, 0.2)]);
const fast = lora(8, [point(0, 1, 0.4, 0), point(10, 0.7, 0.31, 0.3), point(20, 0.6, 0.28, 0.4)]);
/** As toxic as at the start until it has learned as much as r2. */
const other = lora(64, [point(0, 1, 0.4, 0), point(10, 0.8, 0.9, 0.2), point(20, 0.6, 0.9, 0.4)]);

const near = (actual: number | undefined, expected: number) =>
  assert.ok(actual !== undefined && Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);

describe('arms at equal held-out loss', () => {
  it('are compared at the least loss that all of them reached', () => {
    assert.equal(commonLoss([slow, fast]), 0.8);
    assert.equal(commonLoss([fast, lora(4, [point(0, 1, 0, 0), point(5, 0.65, 0, 0), point(9, 0.9, 0, 0)])]), 0.65);
  });

  it('cannot be compared where one of them never came below the untrained loss, or where there is one', () => {
    assert.equal(commonLoss([slow, lora(4, [point(0, 1, 0.4, 0), point(10, 1.1, 0.4, 0)])]), undefined);
    assert.equal(commonLoss([slow]), undefined);
    assert.equal(commonLoss([]), undefined);
  });

  it('are interpolated between the probes before and after', () => {
    const [r2, r8] = atLoss([slow, fast], 0.8);
    assert.deepEqual([r2?.arm, r2?.step, r2?.loss], ['r2', 20, 0.8]);
    near(r8?.step, 20 / 3);
    near(r8?.toxicity?.rate, 0.34);
    near(r8?.toxicity?.low, 0.29);
    near(r8?.toxicity?.high, 0.39);
    near(r8?.kl, 0.2);
  });

  it('leave out an arm that did not reach the loss, and take the first time that it was reached', () => {
    assert.deepEqual(
      atLoss([slow, fast], 0.7).map(({ arm, step }) => [arm, step]),
      [['r8', 10]],
    );
    const back = lora(4, [point(0, 1, 0.4, 0), point(10, 0.8, 0.2, 0), point(20, 0.9, 0.3, 0), point(30, 0.7, 0.1, 0)]);
    near(atLoss([back], 0.8)[0]?.step, 10);
  });

  it('are compared at three losses, ranks with ranks and LoRA with full', () => {
    const full = { ...fast, arm: 'full', method: 'full' as const };
    const compared = compareAtEqualLoss([slow, other, full])!;
    assert.deepEqual(
      compared.losses.map((loss) => loss.toFixed(4)),
      ['0.9333', '0.8667', '0.8000'],
    );
    assert.deepEqual(
      compared.ranks.map(({ more, less }) => `${more.arm} ${less.arm}`),
      ['r64 r2', 'r64 r2', 'r64 r2'],
    );
    assert.equal(compared.methods.length, 6);
  });

  it('differ by the rates there, with the square-and-add interval of both', () => {
    const [first, , last] = compareAtEqualLoss([slow, other])!.ranks;
    near(last?.difference, 0.9 - 0.34);
    near(last?.low, 0.56 - Math.hypot(0.05, 0.05));
    near(last?.high, 0.56 + Math.hypot(0.05, 0.05));
    // A third of the way: 0.4 + 0.5 / 3 against 0.4 - 0.06 / 3.
    near(first?.difference, 0.56 / 3);
    assert.equal(differencesBeyondChance([first!, last!])[0], last);
    // 0.1 with bounds 0.0707 away: beyond 1.96 standard errors, and not beyond the 3.02 that twenty comparisons take.
    const one = { ...first!, difference: 0.1, low: 0.1 - Math.hypot(0.05, 0.05) };
    assert.equal(differencesBeyondChance([one]).length, 1);
    assert.equal(differencesBeyondChance(Array<typeof one>(20).fill(one)).length, 0);
  });

  it('cannot be told apart where their curves lie on each other', () => {
    const { ranks } = compareAtEqualLoss([slow, fast])!;
    assert.equal(ranks.length, 3);
    for (const { difference } of ranks) near(difference, 0);
    assert.deepEqual(differencesBeyondChance(ranks), []);
  });
});
