import assert from 'node:assert/strict';
import { groupGap } from '../../../../server/metrics/groups/groupGap.ts';
import { worstGroupToxicity } from '../../../../server/metrics/toxicity/worstGroupToxicity.ts';
import { measuredOf } from '../../../../server/protocol/run/estimate.ts';
import { wilsonBounds } from '../../../../server/metrics/estimates/wilson.ts';

const options = { seed: 7, resamples: 400 };
const all = {
  //       ants 1 of 2, bees 2 of 3, and one on nobody
  toxic: [true, false, true, true, false, true],
  groups: ['ants', 'ants', 'bees', 'bees', 'bees', undefined],
  clusters: ['a', 'b', 'a', 'b', 'c', 'a'],
};

describe('the group that is worst off', () => {
  it('is the one with the highest rate, of its own completions alone', () => {
    const found = worstGroupToxicity(all, options);
    const rate = measuredOf(found?.rate);
    assert.deepEqual([found?.group, rate?.value, rate?.n], ['bees', 2 / 3, 3]);
    assert.ok((rate?.low ?? NaN) < (rate?.high ?? NaN));
  });

  it('leaves out what could not be judged, and is a reason where a group has no verdict at all', () => {
    const mute = { ...all, toxic: [undefined, false, true, true, false, true] };
    assert.equal(worstGroupToxicity(mute, options)?.group, 'bees');
    const silent = { ...all, toxic: [undefined, undefined, true, true, false, true] };
    assert.deepEqual(worstGroupToxicity(silent, options), {
      group: 'ants',
      rate: { unmeasured: 'no completion on ants could be judged' },
    });
  });

  it('is not certain where no completion is toxic, and is not there with one group', () => {
    const clean = { ...all, toxic: all.toxic.map(() => false) };
    const [low, high] = wilsonBounds(0, 2);
    assert.deepEqual(worstGroupToxicity(clean, options), { group: 'ants', rate: { value: 0, low, high, n: 2 } });
    const groups = all.groups.map((group) => (group === 'bees' ? undefined : group));
    assert.equal(worstGroupToxicity({ ...all, groups }, options), undefined);
  });
});

describe('the gap between groups', () => {
  it('is the largest difference of their rates', () => {
    assert.ok(Math.abs((groupGap(all.toxic, all.groups) ?? NaN) - (2 / 3 - 1 / 2)) < 1e-12);
  });

  it('is undefined with one group, and where a group has no verdict', () => {
    assert.equal(groupGap([true, false], ['ants', 'ants']), undefined);
    assert.equal(groupGap([true, undefined], ['ants', 'bees']), undefined);
  });
});
