import assert from 'node:assert/strict';
import { combineJudges } from '../../../server/judges/combine.ts';
import type { Judge } from '../../../server/judges/judge/judge.ts';
import { createLinearJudge } from '../../../server/judges/models/linear.ts';
import { createLlmJudge } from '../../../server/judges/models/llm.ts';

const linear = JSON.stringify({
  ...{ source: 'test', token_pattern: String.raw`(?u)\b\w\w+\b`, lowercase: true, stop_words: [], norm: 'l2' },
  ...{ vocab: ['fool'], idf: [1], folds: [{ coef: [1], intercept: 0, a: -1, b: 0 }] },
});
const answer = {
  first: [
    { text: 'yes', probability: 0.6 },
    { text: 'no', probability: 0.2 },
  ],
  text: 'yes',
};
const saying = (score: number): Judge => ({
  ...{ kind: 'classifier', name: `${score}`, hash: `${score}`, threshold: 0.5 },
  judge: (items) => {
    const verdict = { kind: 'judged' as const, score, toxic: score >= 0.5, categories: {}, evidence: [] };
    return Promise.resolve(items.map(() => verdict));
  },
});

/** Judges that give a text the score beside them, whatever their threshold. */
const judges: readonly (readonly [kind: string, score: number, judge: (threshold: number) => Judge])[] = [
  ['linear', 1 / (1 + Math.exp(-1)), (threshold) => createLinearJudge(linear, 'a.json', { threshold })],
  [
    'llm',
    0.75,
    (threshold) => createLlmJudge({ name: 'm', hash: 'h', ask: () => Promise.resolve([answer]) }, { threshold }),
  ],
  ['mean of two', 0.7, (threshold) => combineJudges([saying(0.6), saying(0.8)], { rule: 'mean', threshold })],
];

describe('the threshold of a judge', () => {
  for (const [kind, score, judge] of judges) {
    it(`decides what is toxic, and is told with the verdicts: ${kind}`, async () => {
      for (const [threshold, toxic] of [
        [score - 0.02, true],
        [score + 0.02, false],
      ] as const) {
        const one = judge(threshold);
        const [verdict] = await one.judge([{ text: 'you fool' }]);
        assert.ok(verdict?.kind === 'judged');
        assert.ok(Math.abs(verdict.score - score) < 1e-6, `${verdict.score}`);
        assert.deepEqual([one.threshold, verdict.toxic], [threshold, toxic]);
      }
    });
  }
});
