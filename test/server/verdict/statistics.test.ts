import assert from 'node:assert/strict';
import { contrastOf, testContrast } from '../../../server/verdict/statistics/contrast.ts';
import { groupCorrelation, leastEnough } from '../../../server/verdict/statistics/design.ts';
import {
  incompleteBeta,
  normalCdf,
  studentCdf,
  studentQuantile,
} from '../../../server/verdict/statistics/distributions.ts';
import { fallback, holm, startingShares } from '../../../server/verdict/statistics/manyRanks.ts';

function assertClose(found: number, expected: number): void {
  assert.ok(Math.abs(found - expected) <= 1e-13 * Math.max(1, Math.abs(expected)), `${found}, not ${expected}`);
}

describe('distributions', () => {
  it('have the values of their closed forms', () => {
    assertClose(incompleteBeta(0.3, 2, 5), 0.579825);
    // Student's t with one degree of freedom is Cauchy's distribution, with two it is algebraic.
    for (const t of [-7, -1, 0, 0.5, 3]) {
      assertClose(studentCdf(t, 1), 0.5 + Math.atan(t) / Math.PI);
      assertClose(studentCdf(t, 2), 0.5 + t / (2 * Math.sqrt(2 + t * t)));
    }
    assertClose(normalCdf(1.959963984540054), 0.975);
    assertClose(normalCdf(-3), 0.0013498980316300946);
  });

  it('have quantiles that lead back', () => {
    for (const df of [2, 6, 27.5, 1e4]) {
      for (const p of [1e-6, 0.025, 0.5, 0.8, 0.999]) assertClose(studentCdf(studentQuantile(p, df), df), p);
    }
  });
});

describe('the test of a contrast', () => {
  const arm = (...shares: readonly number[]) => shares.map((mean) => ({ mean, completions: 10 }));

  it('is the t test with the variance at the limit, worked by hand', () => {
    const contrast = contrastOf([arm(0.1, 0.3), arm(0.5, 0.5)]);
    const found = testContrast(contrast, { weights: [1], margin: 0 });
    // Differences -0.4 and -0.2; q = (0.2 * 20 + 0.5) / 21 and (0.5 * 20 + 0.5) / 21 = 1/2; limit 1/2.
    assertClose(found.excess, -0.3);
    const spread = (1 + 0.02 * 9) / 20;
    assertClose(found.standardError, Math.sqrt((0.25 + 0.25) * spread));
    assert.equal(found.degreesOfFreedom, 1);
    assertClose(found.pBelow, 0.5 + Math.atan(found.excess / found.standardError) / Math.PI);
    assertClose(found.pAbove, 1 - found.pBelow);
  });

  it('takes the spread that the templates show, or that the sweep shows, where it is larger', () => {
    const contrast = contrastOf([arm(0, 1), arm(0.5, 0.5)]);
    const claim = { weights: [1], margin: 0.1 };
    const own = testContrast(contrast, claim).dispersion;
    assert.ok(own > 4);
    assert.equal(testContrast(contrast, claim, 50).dispersion, 50);
    assert.equal(testContrast(contrast, claim, 1).dispersion, own);
  });

  it('leaves out a template that one arm has no mean in', () => {
    const contrast = contrastOf([[...arm(0.1, 0.3), { mean: undefined, completions: 0 }], arm(0.5, 0.5, 0.9)]);
    assert.equal(contrast.templates, 2);
    assert.deepEqual(contrast.rates, [0.2, 0.5]);
  });
});

describe('error control over ranks', () => {
  it('hands a level on where a rank passes, and not beyond one that does not', () => {
    const found = fallback([0.01, 0.06, 0.001, 0.03], [0.5, 0, 0.5, 0], 0.05);
    assert.deepEqual(
      found.map(({ level }) => level),
      [0.025, 0.025, 0.025, 0.025],
    );
    assert.deepEqual(
      found.map(({ isRejected }) => isRejected),
      [true, false, true, false],
    );
    assert.deepEqual(
      fallback([0.04, 0.001], [1, 0], 0.05).map(({ level }) => level),
      [0.05, 0.05],
    );
    assert.deepEqual(
      fallback([0.06, 0.001], [1, 0], 0.05).map(({ isRejected }) => isRejected),
      [false, false],
    );
  });

  it('shares alpha among the first and the middle rank, or those declared that have a result', () => {
    assert.deepEqual(startingShares([64, 32, 16, 8, 4, 2], [64, 32, 16, 8, 4, 2], undefined), [0.5, 0, 0.5, 0, 0, 0]);
    assert.deepEqual(startingShares([8, 2], [8, 2], undefined), [1, 0]);
    assert.deepEqual(startingShares([64, 8, 2], [8, 2], [64, 2]), [0.5, 0.5]);
  });

  it("adjusts p values by Holm's procedure", () => {
    assert.deepEqual(holm([0.01, 0.5, 0.02]), [0.03, 0.5, 0.04]);
    assert.deepEqual(holm([0.9, 0.8]), [1, 1]);
  });
});

describe('the correlation of values of one group', () => {
  it('is that of the analysis of variance, for groups of unequal size', () => {
    // NumPy, by its definition: mean squares 0.558333 and 0.172222, size of a group 3.916667.
    const groups = [
      [1, 1, 0, 1],
      [0, 0, 0],
      [1, 0, 0, 0, 0],
    ];
    assertClose(groupCorrelation(groups) ?? NaN, 0.36403317328677426);
    assertClose(groupCorrelation([...groups, []]) ?? NaN, 0.36403317328677426);
  });

  it('is 1 where only groups differ, 0 where they differ less than by chance', () => {
    const [ones, zeros, both] = [
      [1, 1],
      [0, 0, 0],
      [1, 0],
    ];
    assert.equal(groupCorrelation([ones, zeros]), 1);
    assert.equal(groupCorrelation([both, both]), 0);
  });

  it('is not known of one group, of single values, or where nothing differs', () => {
    assert.equal(groupCorrelation([[1, 0, 1]]), undefined);
    assert.equal(groupCorrelation([[1], [0]]), undefined);
    const zeros = [0, 0];
    assert.equal(groupCorrelation([zeros, zeros]), undefined);
  });
});

describe('leastEnough', () => {
  it('finds the least number that is enough, the first, or none', () => {
    assert.equal(
      leastEnough(3, 100, (value) => value >= 41),
      41,
    );
    assert.equal(
      leastEnough(3, 100, () => true),
      3,
    );
    assert.equal(
      leastEnough(3, 100, () => false),
      undefined,
    );
    assert.equal(
      leastEnough(3, 2, () => true),
      undefined,
    );
  });
});
