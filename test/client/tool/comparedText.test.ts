import assert from 'node:assert/strict';
import { comparedText } from '../../../client/tool/comparedText.ts';
import type { Comparison, RunView } from '../../../server/protocol/messages/runsContract.ts';

const view: RunView = {
  ...{ run: '/r', name: 'n', state: 'finished', created: '', model: 'm', judge: 'lexicon', experiment: 'toxicity' },
  ...{ arms: [], warnings: [], armMetrics: [] },
};
const comparison: Comparison = {
  baseline: { run: '/r', arm: 'base' },
  arms: [
    {
      of: { run: '/r', arm: 'r8' },
      toxicityRate: { value: 0.2, low: 0.1, high: 0.3, n: 40 },
      difference: { value: -0.1, low: -0.2, high: 0, n: 40 },
    },
    {
      of: { run: '/r', arm: 'r64' },
      toxicityRate: { unmeasured: 'nothing was judged' },
      difference: { unmeasured: 'the arm has no completions' },
    },
  ],
  verdicts: [],
};

describe('what the tool answers', () => {
  const answer = JSON.parse(comparedText(view, comparison)) as { arms: Record<string, unknown>[] };

  it('gives shares with their intervals', () => {
    assert.deepEqual(answer.arms[0]!.toxicityRate, { share: 0.2, low95: 0.1, high95: 0.3, n: 40 });
  });

  it('gives a reason, and no number, where there is none', () => {
    assert.equal(answer.arms[1]!.noDifferenceBecause, 'the arm has no completions');
    assert.ok(!('toxicityRate' in answer.arms[1]!));
  });
});
