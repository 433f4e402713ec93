import assert from 'node:assert/strict';
import { compareWith } from '../../../../server/report/data/compareIntervals.ts';

const interval = (low: number, high: number) => ({ value: (low + high) / 2, low, high, n: 10 });

describe('comparing an interval with a number', () => {
  it('says that it lies above or below only where it leaves the number out', () => {
    assert.equal(compareWith(interval(1, 2), 0), 'above');
    assert.equal(compareWith(interval(-2, -1), 0), 'below');
    assert.equal(compareWith(interval(0, 2), 0), 'unclear');
    assert.equal(compareWith(interval(-1, 0), 0), 'unclear');
  });

  it('says nothing of what has no interval', () => {
    assert.equal(compareWith({ value: 3 }, 0), 'unclear');
    assert.equal(compareWith({ unmeasured: 'no example' }, 0), 'unclear');
    assert.equal(compareWith(undefined, 0), 'unclear');
  });
});
