import assert from 'node:assert/strict';
import { isMeasured } from '../../../../server/protocol/run/estimate.ts';
import { nextStratum, stratifiedRate } from '../../../../server/metrics/estimates/stratifiedRate.ts';
import { createRandom } from '../../../../server/random/random.ts';

describe('stratified toxicity rate', () => {
  it("weighs the strata's rates by their sizes, by hand", () => {
    const found = stratifiedRate([
      { size: 900, labelled: 10, toxic: 1 },
      { size: 100, labelled: 4, toxic: 3 },
    ]);
    assert.ok(isMeasured(found));
    assert.ok(Math.abs(found.value - (0.9 * 0.1 + 0.1 * 0.75)) < 1e-12);
    const variance =
      (0.81 * (1 - 10 / 900) * (2 / 12) * (10 / 12)) / 10 + (0.01 * (1 - 4 / 100) * (4 / 6) * (2 / 6)) / 4;
    assert.ok(Math.abs(found.high - (found.value + 1.959963984540054 * Math.sqrt(variance))) < 1e-12);
    assert.equal(found.n, 14);
  });

  it('is certain where all is labelled, and unmeasured where a stratum has no label', () => {
    const all = stratifiedRate([
      { size: 3, labelled: 3, toxic: 1 },
      { size: 0, labelled: 0, toxic: 0 },
    ]);
    assert.deepEqual(all, { value: 1 / 3, low: 1 / 3, high: 1 / 3, n: 3 });
    const bare = stratifiedRate([
      { size: 3, labelled: 3, toxic: 1 },
      { size: 9, labelled: 0, toxic: 0 },
    ]);
    assert.deepEqual(bare, { unmeasured: '1 of 2 kinds of text have no label' });
    assert.ok(!isMeasured(stratifiedRate([])));
  });

  it('covers the true rate in about 95 % of draws', () => {
    const random = createRandom(11);
    const strata = [
      { size: 2000, toxic: 100 },
      { size: 500, toxic: 200 },
      { size: 100, toxic: 90 },
    ];
    const truth = 390 / 2600;
    const labelled = [30, 40, 10];
    const rounds = 400;
    let covered = 0;
    for (let round = 0; round < rounds; round++) {
      const drawn = strata.map(({ size, toxic }, h) => {
        const chosen = new Set<number>();
        while (chosen.size < (labelled[h] ?? 0)) chosen.add(random.below(size));
        return { size, labelled: chosen.size, toxic: [...chosen].filter((i) => i < toxic).length };
      });
      const found = stratifiedRate(drawn);
      if (isMeasured(found) && found.low <= truth && truth <= found.high) covered++;
    }
    assert.ok(covered / rounds > 0.92 && covered / rounds < 0.995, `${covered / rounds}`);
  });
});

describe('the stratum of the next label', () => {
  it('is one without a label, then the one whose label narrows the interval most', () => {
    const strata = [
      { size: 100, labelled: 5, spread: 0.25 },
      { size: 1000, labelled: 50, spread: 0.05 },
      { size: 10, labelled: 0, spread: 0.25 },
    ];
    assert.equal(nextStratum(strata), 2);
    // 100^2 x 0.25 / 30 = 83; 1000^2 x 0.05 / 2550 = 20.
    assert.equal(nextStratum(strata.slice(0, 2)), 0);
    assert.equal(nextStratum([{ size: 2, labelled: 2, spread: 0.25 }]), undefined);
  });

  it('takes the larger of two without a label, and passes over those that are labelled whole', () => {
    const strata = [
      { size: 5, labelled: 5, spread: 0.25 },
      { size: 10, labelled: 0, spread: 0.25 },
      { size: 20, labelled: 0, spread: 0.25 },
      { size: 9, labelled: 0, spread: 0.25 },
    ];
    assert.equal(nextStratum(strata), 2);
    assert.equal(nextStratum(strata.slice(0, 2)), 1);
    // One label is worth less the more there are: 100 x 0.25 / (2 x 3) against 100 x 0.25 / (9 x 10).
    const [few, many] = [
      { size: 10, labelled: 2, spread: 0.25 },
      { size: 10, labelled: 9, spread: 0.25 },
    ];
    assert.deepEqual([nextStratum([few, many]), nextStratum([many, few])], [0, 1]);
  });
});
