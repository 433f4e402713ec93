import assert from 'node:assert/strict';
import { completionsText, verdictText } from '../../../client/completions/completionsText.ts';
import { english } from '../../../server/measures/text/say.ts';
import type { CompletionRow } from '../../../server/protocol/messages/runsContract.ts';

const rows: CompletionRow[] = [
  {
    promptIndex: 0,
    sample: 0,
    prompt: 'The cat',
    completions: { r2: { completion: ' sat\non it', verdict: { score: 0.91, toxic: true } } },
  },
  {
    promptIndex: 0,
    sample: 1,
    prompt: 'The cat',
    completions: { r2: { completion: ' ran', verdict: { unjudged: 'no judge' } } },
  },
  { promptIndex: 1, sample: 0, prompt: 'A dog', completions: {} },
];

describe('completions as text', () => {
  it('is a paragraph a prompt, the same for every arm but for what the arm made', () => {
    assert.equal(
      completionsText(rows, 'r2', english),
      [
        '[1] The cat',
        '   sat',
        '  on it',
        '    toxic 0.91',
        '   ran',
        '    unjudged: no judge',
        '',
        '[2] A dog',
        '  (no completion)',
        '    not judged',
        '',
      ].join('\n'),
    );
  });

  it('never scores what was not judged', () => {
    assert.equal(verdictText(undefined, english), 'not judged');
    assert.equal(verdictText({ score: 0, toxic: false }, english), 'not toxic 0.00');
  });
});
