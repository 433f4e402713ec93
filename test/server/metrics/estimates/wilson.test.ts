import assert from 'node:assert/strict';
import { wilson, wilsonBounds } from '../../../../server/metrics/estimates/wilson.ts';

describe("Wilson's interval", () => {
  const close = (actual: readonly number[], expected: readonly number[]) =>
    actual.forEach((value, i) => assert.ok(Math.abs(value - (expected[i] ?? NaN)) < 1e-12, `${value}`));

  it('is that of the closed formula', () => {
    close(wilsonBounds(0.3, 10), [0.10779126740630099, 0.6032218525388546]);
    close(wilsonBounds(0.25, 4), [0.04558726080970055, 0.6993581574175981]);
  });

  it('is of successes over trials, and stays within 0 and 1', () => {
    assert.deepEqual(wilson(3, 10), {
      ...{ value: 0.3, low: wilsonBounds(0.3, 10)[0], high: wilsonBounds(0.3, 10)[1], n: 10 },
    });
    const [none, all] = [wilsonBounds(0, 7), wilsonBounds(1, 7)];
    assert.equal(none[0], 0);
    assert.equal(all[1], 1);
    // z^2 / (n + z^2), and the other way round.
    close([none[1], all[0]], [3.841458820694124 / 10.841458820694124, 7 / 10.841458820694124]);
    assert.deepEqual(wilson(0, 0), { unmeasured: 'there are no observations' });
  });
});
