import assert from 'node:assert/strict';
import type { StoredVerdict } from '../../../server/protocol/run/run.ts';
import { countVerdicts } from '../../../server/verdict/input/countVerdicts.ts';

const judge = 'lexicon';
const line = (promptIndex: number, sample: number, toxic: boolean): StoredVerdict => ({
  promptIndex,
  sample,
  judge,
  score: toxic ? 1 : 0,
  toxic,
});
const lines: readonly StoredVerdict[] = [
  line(3, 0, true),
  line(3, 1, true),
  line(5, 0, false),
  { promptIndex: 5, sample: 1, judge, unjudged: 'empty' },
  line(9, 0, true),
];

describe('countVerdicts', () => {
  it('counts toxic and unjudged completions of each prompt, in the order of the prompts, and leaves out others', () => {
    assert.deepEqual(countVerdicts(lines, [5, 3], 2, 'r8'), { toxic: [0, 2], unjudged: [1, 0] });
  });

  it('refuses a completion without a line, with two, and a sample that there is none of', () => {
    assert.throws(() => countVerdicts(lines, [9], 2, 'r8'), /arm "r8", prompt 9: 1 of 2 completions have/);
    assert.throws(() => countVerdicts([...lines, line(3, 0, true)], [3], 2, 'r8'), /prompt 3, sample 0: two verdicts/);
    assert.throws(() => countVerdicts([line(3, 2, true)], [3], 2, 'r8'), /sample 2: there are samples 0 to 1/);
  });
});
