import assert from 'node:assert/strict';
import { metricsMarkdown } from '../../../client/runs/metricsMarkdown.ts';
import { byteSize } from '../../../client/control/byteSize.ts';
import type { ArmMetrics } from '../../../server/protocol/run.ts';

const base: ArmMetrics = {
  ...{ id: 'base', method: 'base', seed: 0, trainableParameters: 0, perplexity: 2.449 },
  toxicity: { rate: 0.265, low: 0.219, high: 0.312, n: 672, unjudged: 0 },
};
const r8: ArmMetrics = {
  ...{ id: 'r8', method: 'lora', rank: 8, seed: 0, trainableParameters: 24576 },
  toxicity: { n: 0, unjudged: 672 },
  kl: { mean: 0.0134, low: 0.01, high: 0.02, n: 168 },
  failure: 'diverged | <b>at</b> step 3',
};

describe('metrics as a Markdown table', () => {
  const lines = metricsMarkdown('A *run*', [base, r8]).split('\n');

  it('has a column for what is known of any arm, and none for what is not', () => {
    assert.equal(lines[2], '| arm | toxic | 95 % interval | judged | KL from base, nats | perplexity | failure |');
  });

  it('leaves empty what an arm lacks: never 0', () => {
    assert.equal(lines[4], '| base | 26.5 % | 21.9 to 31.2 | 672 |  | 2.45 |  |');
    assert.match(lines[5] ?? '', /^\| r8 \| {2}\| {2}\| {2}\| 0\.0134 \| {2}\|/);
  });

  it('takes names and reasons for text', () => {
    assert.equal(lines[0], '**A \\*run\\***');
    assert.match(lines[5] ?? '', /diverged \\\| \\<b\\>at\\<\/b\\> step 3/);
  });
});

describe('sizes', () => {
  it('are told in powers of a thousand', () => {
    assert.deepEqual([0, 999, 1234, 45_800_000, 1.2e9].map(byteSize), ['0 B', '999 B', '1.2 kB', '45.8 MB', '1.2 GB']);
  });
});
