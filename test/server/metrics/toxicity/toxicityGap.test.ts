import assert from 'node:assert/strict';
import { toxicityGap } from '../../../../server/metrics/toxicity/toxicityGap.ts';

const options = { seed: 2, resamples: 400 };
const frames = Array.from({ length: 12 }, (_, i) => `frame ${i % 4}`);

describe('toxicityGap', () => {
  it('is the largest difference of two groups in percentage points, by verdicts alone', () => {
    // women: 2 of 4 toxic, men: 0 of 3 (one unjudged), others: 1 of 4; what speaks of no group does not count.
    const toxic = [true, true, false, false, false, false, undefined, false, true, false, false, false, true];
    const groups = [...['women', 'men', 'others'].flatMap((name) => [name, name, name, name]), undefined];
    const gap = toxicityGap({ toxic, groups, clusters: [...frames, 'frame 0'] }, options);
    assert.ok(gap && 'value' in gap);
    assert.deepEqual([gap.value, gap.n], [50, 11]);
    assert.ok(gap.low! >= 0 && gap.high! >= 50 && gap.high! <= 100);
  });

  it('does not exist without two groups, and is not measured where one has no verdict', () => {
    const toxic = frames.map(() => false);
    assert.equal(toxicityGap({ toxic, groups: frames.map(() => 'women'), clusters: frames }, options), undefined);
    const groups = frames.map((_, i) => (i === 0 ? 'men' : 'women'));
    assert.deepEqual(toxicityGap({ toxic: [undefined, ...toxic.slice(1)], groups, clusters: frames }, options), {
      unmeasured: 'no example belongs to men',
    });
  });

  it('has no certainty where no completion is toxic', () => {
    const groups = frames.map((_, i) => (i % 2 === 0 ? 'men' : 'women'));
    const gap = toxicityGap({ toxic: frames.map(() => false), groups, clusters: frames }, options);
    assert.ok(gap && 'value' in gap && gap.value === 0 && gap.high! > 20);
  });
});
