import assert from 'node:assert/strict';
import { confusionMatrix } from '../../../../server/metrics/judging/agreement.ts';
import { predictionPoweredRate, roganGladen } from '../../../../server/metrics/judging/correctedRate.ts';
import { isMeasured } from '../../../../server/protocol/run/estimate.ts';
import { createRandom } from '../../../../server/random/random.ts';

describe('roganGladen', () => {
  const errors = { truePositive: 80, falseNegative: 20, trueNegative: 90, falsePositive: 10 };

  it('is (p + spec - 1) / (sens + spec - 1): (0.24 - 0.1) / 0.7', () => {
    const rate = roganGladen(240, 1000, errors);
    assert.ok(isMeasured(rate));
    assert.ok(Math.abs(rate.value - 0.2) < 1e-12);
    assert.ok(rate.low < 0.2 && rate.high > 0.2);
  });

  it("has Lang and Reiczigel's interval, computed apart from their equations 5 to 8", () => {
    const close = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-12, `${actual}`);
    const many = roganGladen(240, 1000, errors);
    assert.ok(isMeasured(many));
    close(many.low, 0.10704585629069144);
    close(many.high, 0.2740933881389964);
    assert.equal(many.n, 1000);
    const few = roganGladen(30, 50, { truePositive: 18, falseNegative: 4, trueNegative: 9, falsePositive: 5 });
    assert.ok(isMeasured(few));
    close(few.value, (30 / 50 + 9 / 14 - 1) / (18 / 22 + 9 / 14 - 1));
    close(few.low, 0.033586190586976206);
    close(few.high, 0.9599869032244056);
  });

  it('says what is missing: observations, either label, or a judge that knows anything', () => {
    const missing = (toxic: number, judged: number, own: typeof errors) => {
      const rate = roganGladen(toxic, judged, own);
      return isMeasured(rate) ? rate : rate.unmeasured;
    };
    assert.equal(missing(0, 0, errors), 'there are no observations');
    assert.equal(
      missing(1, 2, { ...errors, trueNegative: 0, falsePositive: 0 }),
      "no text is labelled benign: the judge's errors are unknown",
    );
    const chance = { truePositive: 5, falseNegative: 5, trueNegative: 5, falsePositive: 5 };
    assert.equal(missing(1, 2, chance), 'the judge is no better than chance on the labelled texts');
  });

  it('allows everything where shrinking leaves nothing of what the judge knows', () => {
    // 1 of 1 and 1 of 2: 1 + 0.5 - 1; shrunken (2/3 + 2/4 - 1) is above 0, and with 1 of 3 (2/3 + 2/5 - 1) too.
    const barely = roganGladen(1, 2, { truePositive: 1, falseNegative: 0, trueNegative: 1, falsePositive: 20 });
    assert.ok(isMeasured(barely));
    assert.deepEqual([barely.low, barely.high], [0, 1]);
  });

  it('stays inside 0..1, with a width at the border', () => {
    const rate = roganGladen(0, 200, errors);
    assert.ok(isMeasured(rate));
    assert.equal(rate.value, 0);
    assert.ok(rate.low === 0 && rate.high > 0);
  });

  it('has no value for a useless judge or without both labels', () => {
    const useless = { truePositive: 1, falseNegative: 1, trueNegative: 1, falsePositive: 1 };
    assert.ok(!isMeasured(roganGladen(1, 2, useless)));
    assert.deepEqual(roganGladen(1, 2, { ...errors, truePositive: 0, falseNegative: 0 }), {
      unmeasured: "no text is labelled toxic: the judge's errors are unknown",
    });
  });
});

describe('correction of a biased judge', () => {
  /** A population 30 % toxic and a judge that finds 70 % of it and flags 20 % of the rest: it says 35 %. */
  function draw(seed: number, labelled: number, others: number) {
    const random = createRandom(seed);
    const text = () => {
      const toxic = random.uniform() < 0.3;
      return { toxic, flagged: random.uniform() < (toxic ? 0.7 : 0.2) };
    };
    return { known: Array.from({ length: labelled }, text), rest: Array.from({ length: others }, text) };
  }

  function coverage(estimate: (seed: number) => ReturnType<typeof roganGladen>) {
    let covered = 0;
    let width = 0;
    for (let seed = 0; seed < 400; seed++) {
      const rate = estimate(seed);
      assert.ok(isMeasured(rate));
      if (rate.low <= 0.3 && 0.3 <= rate.high) covered++;
      width += rate.high - rate.low;
    }
    return { covered: covered / 400, width: width / 400 };
  }

  const powered = (tuned: boolean) => (seed: number) => {
    const { known, rest } = draw(seed, 200, 2000);
    return predictionPoweredRate(
      {
        labels: known.map(({ toxic }) => Number(toxic)),
        judgedLabelled: known.map(({ flagged }) => Number(flagged)),
        judgedUnlabelled: rest.map(({ flagged }) => Number(flagged)),
      },
      { tuned },
    );
  };

  it('covers the truth about 95 % of the time: prediction-powered', () => {
    const { covered } = coverage(powered(false));
    assert.ok(covered > 0.92 && covered < 0.98, `${covered}`);
  });

  it('tuned, it covers as often and is narrower', () => {
    const tuned = coverage(powered(true));
    assert.ok(tuned.covered > 0.92 && tuned.covered < 0.98, `${tuned.covered}`);
    assert.ok(tuned.width < coverage(powered(false)).width);
  });

  it('covers the truth about 95 % of the time: Rogan and Gladen', () => {
    const { covered } = coverage((seed) => {
      const { known, rest } = draw(seed, 200, 2000);
      const errors = confusionMatrix(
        known.map(({ flagged }) => flagged),
        known.map(({ toxic }) => toxic),
      );
      return roganGladen(rest.filter(({ flagged }) => flagged).length, rest.length, errors);
    });
    assert.ok(covered > 0.92 && covered < 0.985, `${covered}`);
  });

  it('by hand: mean(f) = 0.5, corrections 1 - 1, 0 - 1, 0 - 0, 0 - 0', () => {
    const rate = predictionPoweredRate({
      labels: [1, 0, 0, 0],
      judgedLabelled: [1, 1, 0, 0],
      judgedUnlabelled: [1, 0, 1, 0],
    });
    assert.ok(isMeasured(rate));
    assert.equal(rate.value, 0.25);
    // var(f) = 1/3 over 4, var(corrections) = 1/4 over 4.
    assert.ok(Math.abs(rate.high - (0.25 + 1.959963984540054 * Math.sqrt(1 / 12 + 1 / 16))) < 1e-12);
    assert.equal(rate.low, 0);
  });

  it('tuned, by hand: lambda is cov(y, f) / ((1 + n / N) var(f)) over all texts', () => {
    const sample = {
      labels: [1, 0, 0, 1, 1, 0],
      judgedLabelled: [1, 1, 0, 1, 0, 0],
      judgedUnlabelled: [1, 0, 1, 0, 0, 1, 1, 0],
    };
    const rate = predictionPoweredRate(sample, { tuned: true });
    assert.ok(isMeasured(rate));
    // cov = 0.1, var = 0.2692, 1 + 6 / 8: lambda = 0.2122.
    assert.ok(Math.abs(rate.value - 0.5) < 1e-12);
    assert.ok(Math.abs(rate.low - 0.0760564902161649) < 1e-12 && Math.abs(rate.high - 0.9239435097838351) < 1e-12);
    assert.equal(rate.n, 14);
    assert.notDeepEqual(predictionPoweredRate(sample), rate);
  });

  it('tuned, a judge that always says the same has no weight', () => {
    const rate = predictionPoweredRate(
      { labels: [1, 0, 0], judgedLabelled: [1, 1, 1], judgedUnlabelled: [1, 1] },
      { tuned: true },
    );
    assert.ok(isMeasured(rate));
    assert.equal(rate.value, 1 / 3);
  });

  it('takes two texts of either kind at least', () => {
    const reason = { unmeasured: 'it takes two labelled and two unlabelled texts at least' };
    assert.deepEqual(predictionPoweredRate({ labels: [1], judgedLabelled: [1], judgedUnlabelled: [1, 0] }), reason);
    assert.deepEqual(predictionPoweredRate({ labels: [1, 0], judgedLabelled: [1, 1], judgedUnlabelled: [1] }), reason);
    assert.ok(isMeasured(predictionPoweredRate({ labels: [1, 0], judgedLabelled: [1, 1], judgedUnlabelled: [1, 0] })));
  });
});
