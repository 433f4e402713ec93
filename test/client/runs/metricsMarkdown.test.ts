import assert from 'node:assert/strict';
import { metricsMarkdown } from '../../../client/runs/metricsMarkdown.ts';
import type { ArmMetrics } from '../../../server/protocol/run/run.ts';

const base: ArmMetrics = {
  ...{ id: 'base', method: 'base', seed: 0, trainableParameters: 0, perplexity: { value: 2.449 } },
  toxicity: { value: 0.265, low: 0.219, high: 0.312, n: 672 },
  unjudged: 0,
};
const r8: ArmMetrics = {
  ...{ id: 'r8', method: 'lora', rank: 8, seed: 0, trainableParameters: 24576 },
  toxicity: { unmeasured: 'no completion could be judged' },
  unjudged: 672,
  kl: { value: 0.0134, low: 0.01, high: 0.02, n: 168 },
  failure: 'diverged | <b>at</b> step 3',
};

describe('metrics as a Markdown table', () => {
  const lines = metricsMarkdown({ name: 'A *run*', arms: [base, r8] }).split('\n');

  it('has a column for what is known of any arm, and none for what is not', () => {
    assert.equal(
      lines[2],
      '| arm | toxic | 95 % interval | judged | unjudged | KL from base, nats | perplexity | no result because |',
    );
  });

  it('says where an arm has no figure, and never writes a 0 for it', () => {
    assert.equal(lines[4], '| base | 26.5 % | \\[21.9, 31.2\\] % | 672 | 0 | is the base | 2.45 |  |');
    assert.match(
      lines[5] ?? '',
      /^\| r8 \| not measured: no completion could be judged \| not measured \| 0 \| 672 \| 0\.0134 \\\[0\.01, 0\.02\\\] \|/,
    );
  });

  it('takes names and reasons for text', () => {
    assert.equal(lines[0], '**A \\*run\\***');
    assert.match(lines[5] ?? '', /diverged \\\| &lt;b&gt;at&lt;\/b&gt; step 3/);
  });
});
