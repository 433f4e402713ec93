import assert from 'node:assert/strict';
import { linearScale, logarithmicScale } from '../../../../server/measures/charts/scale.ts';

const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-12, `${actual}`);

describe('a linear axis', () => {
  it('has ticks at 1, 2 or 5 times a power of ten, which hold the range', () => {
    assert.deepEqual(linearScale(0, 5).ticks, [0, 1, 2, 3, 4, 5]);
    assert.deepEqual(linearScale(0, 7).ticks, [0, 2, 4, 6, 8]);
    assert.deepEqual(linearScale(0, 20).ticks, [0, 5, 10, 15, 20]);
    assert.deepEqual(linearScale(3, 52).ticks, [0, 10, 20, 30, 40, 50, 60]);
    assert.deepEqual(linearScale(-3, 0.2).ticks, [-3, -2, -1, 0, 1]);
    assert.deepEqual(linearScale(0.1, 0.29).ticks, [0.1, 0.15, 0.2, 0.25, 0.3]);
  });

  it('has about as many steps as it is asked for', () => {
    assert.deepEqual(linearScale(0, 1, 2).ticks, [0, 0.5, 1]);
    assert.equal(linearScale(0, 1, 10).ticks.length, 11);
  });

  it('places its ends at 0 and 1 and everything between in proportion', () => {
    const { low, high, place } = linearScale(3, 52);
    assert.deepEqual([low, high], [0, 60]);
    assert.deepEqual([place(0), place(15), place(60)], [0, 0.25, 1]);
    near(linearScale(-3, 0.2).place(-2), 0.25);
  });

  it('exists for a range without a width, around 0 too', () => {
    const { low, high, ticks } = linearScale(4, 4);
    assert.deepEqual([low, high, ticks], [4, 5, [4, 5]]);
    const zero = linearScale(0, 0);
    assert.ok(zero.low === 0 && zero.high > 0 && zero.high < 1e-5 && zero.ticks.length > 1);
  });
});

describe('a logarithmic axis', () => {
  it('holds the range in whole decades, with a tick at each', () => {
    const { low, high, ticks, place } = logarithmicScale(0.003, 20);
    for (const [i, expected] of [0.001, 0.01, 0.1, 1, 10, 100].entries()) near(ticks[i] ?? NaN, expected);
    assert.equal(ticks.length, 6);
    near(low, 0.001);
    near(high, 100);
    near(place(0.001), 0);
    near(place(1), 0.6);
    near(place(100), 1);
  });

  it('has a decade at least', () => {
    const { low, high, ticks } = logarithmicScale(10, 10);
    assert.deepEqual([low, high, ticks], [10, 100, [10, 100]]);
  });
});
