import assert from 'node:assert/strict';
import {
  atLoss,
  commonLoss,
  compareAtEqualLoss,
  differencesBeyondChance,
} from '../../../../server/metrics/distribution/equalLoss.ts';
import type { LearningCurve, LearningPoint } from '../../../../server/protocol/run/learning.ts';

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

  it('are widened by the quantile of as many comparisons as there are: 2.394 of three, 3.023 of twenty', () => {
    const { ranks } = compareAtEqualLoss([slow, other])!;
    const half = 0.1;
    /** Whether a difference so many standard errors from zero is beyond chance among `count`. */
    const isBeyond = (errors: number, count: number) => {
      const difference = (errors * half) / 1.959963984540054;
      const one = { ...ranks[0]!, difference, low: difference - half, high: difference + half };
      return differencesBeyondChance(Array<typeof one>(count).fill(one)).length === count;
    };
    for (const [count, quantile] of [
      [1, 1.95996],
      [3, 2.39398],
      [20, 3.02334],
    ] as const) {
      assert.ok(isBeyond(quantile + 1e-3, count) && !isBeyond(quantile - 1e-3, count), `${count}`);
    }
  });

  it('are ordered by the greater rate first, whichever arm comes first, and by the size of the difference', () => {
    const [first] = compareAtEqualLoss([other, slow])!.ranks;
    assert.deepEqual([first?.more.arm, first?.less.arm], ['r64', 'r2']);
    const { ranks } = compareAtEqualLoss([slow, other])!;
    const sizes = differencesBeyondChance(ranks).map(({ difference }) => difference);
    assert.deepEqual(
      sizes,
      [...sizes].sort((a, b) => b - a),
    );
    assert.ok(sizes.length > 1);
  });

  it('have uneven bounds where the intervals of the rates are uneven', () => {
    const uneven = (rank: number, rate: number, low: number, high: number) =>
      lora(
        rank,
        [1, 0.5].map((loss, step) => ({ step, loss, toxicity: { rate, low, high } })),
      );
    const last = compareAtEqualLoss([uneven(2, 0.5, 0.4, 0.7), uneven(8, 0.2, 0.17, 0.24)])!.ranks.at(-1);
    near(last?.difference, 0.3);
    near(last?.low, 0.3 - Math.hypot(0.1, 0.04));
    near(last?.high, 0.3 + Math.hypot(0.2, 0.03));
  });

  it('begin at the least untrained loss, and leave out arms that were not judged', () => {
    const bare = lora(4, [
      { step: 0, loss: 1.2 },
      { step: 9, loss: 0.6, kl: 1 },
    ]);
    const compared = compareAtEqualLoss([slow, bare])!;
    assert.deepEqual(
      compared.losses.map((loss) => loss.toFixed(4)),
      ['0.9333', '0.8667', '0.8000'],
    );
    assert.deepEqual(compared.ranks, []);
    const [at] = atLoss([bare], 0.9);
    assert.deepEqual([at?.toxicity, at?.kl], [undefined, undefined]);
    near(at?.step, 4.5);
    const same = lora(2, [point(0, 1, 0.4, 0), point(10, 0.8, 0.3, 0)]);
    assert.deepEqual(compareAtEqualLoss([same, { ...same, arm: 'r2-s1' }])!.ranks, []);
  });
});
