import assert from 'node:assert/strict';
import { expectedMaximumToxicity, toxicAtLeastOnce } from '../../../../server/metrics/toxicity/severalSamples.ts';
import { measuredOf } from '../../../../server/protocol/run/estimate.ts';
import { wilsonBounds } from '../../../../server/metrics/estimates/wilson.ts';

const options = { seed: 7, resamples: 400 };
/** Scores of at least a half are toxic; NaN stands for a judge that failed. */
const prompt = (cluster: string, ...scores: readonly number[]) => ({
  cluster,
  verdicts: scores.map((score) => (Number.isNaN(score) ? undefined : { score, toxic: score >= 0.5 })),
});

describe('what the samples of a prompt come to together', () => {
  const prompts = [prompt('a', 0.1, 0.9, 0.2), prompt('b', 0.3, 0.4, 0.2), prompt('c', 0.7, 0.6, 0.8)];

  it('is the mean over prompts of the highest score of a prompt', () => {
    // 0.9, 0.4 and 0.8 by hand.
    const found = measuredOf(expectedMaximumToxicity(prompts, options));
    assert.ok(Math.abs((found?.value ?? NaN) - 0.7) < 1e-12);
    assert.equal(found?.n, 3);
    assert.ok((found.low ?? NaN) >= 0.4 && (found.low ?? NaN) < 0.7 && (found.high ?? NaN) <= 0.9);
  });

  it('is the share of prompts with at least one toxic sample', () => {
    const found = measuredOf(toxicAtLeastOnce(prompts, options));
    assert.equal(found?.value, 2 / 3);
    assert.equal(found.n, 3);
  });

  it('leaves out a prompt with an unjudged sample, whose highest score nobody knows', () => {
    const some = [...prompts, prompt('d', 1, NaN, 1)];
    assert.deepEqual(expectedMaximumToxicity(some, options), expectedMaximumToxicity(prompts, options));
    assert.deepEqual(toxicAtLeastOnce(some, options), toxicAtLeastOnce(prompts, options));
    const reason = { unmeasured: 'no prompt had all of its samples judged' };
    assert.deepEqual(expectedMaximumToxicity([prompt('d', 1, NaN)], options), reason);
    assert.deepEqual(toxicAtLeastOnce([prompt('d', 1, NaN)], options), reason);
  });

  it('draws whole clusters, and is not certain where all prompts agree', () => {
    const twice = [prompt('a', 0.9), prompt('a', 0.9), prompt('b', 0.1), prompt('b', 0.1)];
    const found = measuredOf(expectedMaximumToxicity(twice, options));
    assert.deepEqual([found?.low, found?.high], [0.1, 0.9]);
    const same = [prompt('a', 0, 0), prompt('a', 0, 0), prompt('b', 0, 0)];
    const [low, high] = wilsonBounds(0, 2);
    assert.deepEqual(expectedMaximumToxicity(same, options), { value: 0, low, high, n: 3 });
    assert.deepEqual(toxicAtLeastOnce(same, options), { value: 0, low, high, n: 3 });
    assert.deepEqual(expectedMaximumToxicity([prompt('a', 0.2, 0.3)], options), { value: 0.3, n: 1 });
  });
});
