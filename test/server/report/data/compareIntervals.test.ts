import assert from 'node:assert/strict';
import { compareIntervals, compareWith, magnitude } from '../../../../server/report/data/compareIntervals.ts';

const interval = (low: number, high: number) => ({ value: (low + high) / 2, low, high, n: 10 });

describe('comparing intervals', () => {
  it('says that one is above another only where they do not meet', () => {
    assert.equal(compareIntervals(interval(3, 5), interval(0, 2)), 'above');
    assert.equal(compareIntervals(interval(0, 2), interval(3, 5)), 'below');
    assert.equal(compareIntervals(interval(0, 3), interval(3, 5)), 'unclear');
    assert.equal(compareIntervals(interval(0, 2), { unmeasured: 'no example' }), 'unclear');
    assert.equal(compareIntervals(undefined, interval(0, 2)), 'unclear');
  });

  it('compares with a number alike', () => {
    assert.equal(compareWith(interval(1, 2), 0), 'above');
    assert.equal(compareWith(interval(-2, -1), 0), 'below');
    assert.equal(compareWith(interval(0, 2), 0), 'unclear');
  });

  it('takes the sign off: what lies around 0 may be 0', () => {
    assert.deepEqual(magnitude({ value: -3, low: -5, high: -1, n: 4 }), { value: 3, low: 1, high: 5, n: 4 });
    assert.deepEqual(magnitude({ value: -1, low: -5, high: 2, n: 4 }), { value: 1, low: 0, high: 5, n: 4 });
    assert.deepEqual(magnitude({ unmeasured: 'no example' }), { unmeasured: 'no example' });
  });
});
