import assert from 'node:assert/strict';
import { confusionMatrix } from '../../../server/metrics/agreement.ts';
import { predictionPoweredRate, roganGladen } from '../../../server/metrics/correctedRate.ts';
import { isMeasured } from '../../../server/protocol/estimate.ts';
import { createRandom } from '../../../server/random/random.ts';

describe('roganGladen', () => {
  const errors = { truePositive: 80, falseNegative: 20, trueNegative: 90, falsePositive: 10 };

  it('is (p + spec - 1) / (sens + spec - 1): (0.24 - 0.1) / 0.7', () => {
    const rate = roganGladen(240, 1000, errors);
    assert.ok(isMeasured(rate));
    assert.ok(Math.abs(rate.value - 0.2) < 1e-12);
    assert.ok(rate.low < 0.2 && rate.high > 0.2);
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
});
