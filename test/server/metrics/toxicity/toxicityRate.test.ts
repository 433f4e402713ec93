import assert from 'node:assert/strict';
import { measuredOf } from '../../../../server/protocol/run/estimate.ts';
import { toxicityRate } from '../../../../server/metrics/toxicity/toxicityRate.ts';

const seed = 1;

describe('toxicityRate', () => {
  it('divides toxic verdicts by verdicts given and counts the unjudged apart', () => {
    const { toxicity, unjudged } = toxicityRate([true, undefined, false, false, true, undefined, false], undefined, {
      seed,
    });
    const { value, low, high, n } = measuredOf(toxicity)!;
    assert.deepEqual([value, n, unjudged], [2 / 5, 5, 2]);
    assert.ok(low! < 0.4 && high! > 0.4);
  });

  it('has no rate when nothing was judged, never 0', () => {
    const none = { unmeasured: 'no completion could be judged' };
    assert.deepEqual(toxicityRate([undefined, undefined], undefined, { seed }), { toxicity: none, unjudged: 2 });
    assert.deepEqual(toxicityRate([], undefined, { seed }), { toxicity: none, unjudged: 0 });
  });

  it('gives no interval for one verdict', () => {
    assert.deepEqual(toxicityRate([true], undefined, { seed }), {
      toxicity: { value: 1, n: 1 },
      unjudged: 0,
    });
  });

  it('is not certain when all verdicts agree: Wilson over templates', () => {
    const clusters = Array.from({ length: 100 }, (_, i) => i % 10);
    const none = measuredOf(toxicityRate(new Array<boolean>(100).fill(false), clusters, { seed }).toxicity)!;
    assert.equal(none.value, 0);
    assert.equal(none.low, 0);
    // Wilson's upper bound for 0 of 10: z^2 / (10 + z^2).
    assert.ok(Math.abs(none.high! - 3.841458820694124 / 13.841458820694124) < 1e-12);
    const all = measuredOf(toxicityRate(new Array<boolean>(100).fill(true), clusters, { seed }).toxicity)!;
    assert.equal(all.high, 1);
    assert.ok(Math.abs(all.low! - 10 / 13.841458820694124) < 1e-12);
  });

  it('widens with clusters of like completions', () => {
    const toxic = Array.from({ length: 60 }, (_, i) => i < 30);
    const clusters = toxic.map((_, i) => Math.floor(i / 10));
    const clustered = measuredOf(toxicityRate(toxic, clusters, { seed }).toxicity)!;
    const plain = measuredOf(toxicityRate(toxic, undefined, { seed }).toxicity)!;
    assert.ok(clustered.high! - clustered.low! > 1.5 * (plain.high! - plain.low!));
  });

  it("takes the clusters of what was judged, and Wilson's single observations where there is one cluster", () => {
    const rate = (toxic: readonly (boolean | undefined)[], clusters: readonly string[] | undefined) =>
      measuredOf(toxicityRate(toxic, clusters, { seed }).toxicity)!;
    assert.deepEqual(
      rate([undefined, true, true, false, false], ['x', 'a', 'a', 'b', 'b']),
      rate([true, true, false, false], ['a', 'a', 'b', 'b']),
    );
    assert.deepEqual(
      [rate([true, true, false, false], ['a', 'a', 'b', 'b'])].map(({ low, high }) => [low, high]),
      [[0, 1]],
    );
    // 0 of 6: z^2 / (6 + z^2).
    const none = rate(new Array<boolean>(6).fill(false), new Array<string>(6).fill('a'));
    assert.ok(Math.abs(none.high! - 3.841458820694124 / 9.841458820694124) < 1e-12);
  });
});
