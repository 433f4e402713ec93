import assert from 'node:assert/strict';
import { RankscopeError } from '../../../server/protocol/errors.ts';
import { answered, answerTable, summary, type AnswerEvent } from '../../../webview/prompt/answers.ts';
import { samplingOf } from '../../../webview/prompt/sampling.ts';

const toxic = { score: 0.9, toxic: true };
const clean = { score: 0.1, toxic: false };

function answers(...events: readonly AnswerEvent[]) {
  return events.reduce<ReturnType<typeof answered>>(answered, new Map());
}

describe('answers to a prompt', () => {
  it('take their place whatever order they come in, and get their verdict later', () => {
    const all = answers(
      { arm: 'r2', sample: 1, completion: 'second' },
      { arm: 'r2', sample: 0, completion: 'first', verdict: clean },
      { arm: 'r2', sample: 1, completion: 'second', verdict: toxic },
    );
    assert.deepEqual(all.get('r2'), [
      { completion: 'first', verdict: clean },
      { completion: 'second', verdict: toxic },
    ]);
  });

  it('are counted over what was judged; unjudged is told apart', () => {
    const unjudged = { unjudged: 'timed out' };
    assert.equal(summary([{ completion: '' }, undefined]), '');
    assert.equal(
      summary([
        { completion: 'a', verdict: toxic },
        { completion: 'b', verdict: clean },
        { completion: 'c', verdict: unjudged },
      ]),
      '1 of 2 toxic (50.0 %), 1 unjudged',
    );
    assert.equal(summary([{ completion: 'c', verdict: unjudged }]), '1 unjudged');
  });

  it('become a table with a row an answer, also of arms that answered in part', () => {
    const { rows } = answerTable(answers({ arm: 'r4', sample: 2, completion: '<b>' }), ['base', 'r4']);
    assert.deepEqual(rows, [['r4', '3', 'not judged yet', '<b>']]);
  });
});

describe('how answers are sampled', () => {
  const typed = { samples: '3', maxNewTokens: '40', temperature: '0.8', seed: '0' };

  it('is what was typed', () => {
    assert.deepEqual(samplingOf(typed), { samples: 3, maxNewTokens: 40, temperature: 0.8, seed: 0 });
  });

  it('reaches from one end of each range to the other', () => {
    const least = { samples: '1', maxNewTokens: '1', temperature: '0', seed: '0' };
    assert.deepEqual(samplingOf(least), { samples: 1, maxNewTokens: 1, temperature: 0, seed: 0 });
    const most = { samples: '20', maxNewTokens: '1000', temperature: '100', seed: String(Number.MAX_SAFE_INTEGER) };
    assert.deepEqual(samplingOf(most), {
      ...{ samples: 20, maxNewTokens: 1000, temperature: 100, seed: Number.MAX_SAFE_INTEGER },
    });
  });

  it('is refused by the name of the field, with its range', () => {
    const refusal = (over: Partial<typeof typed>) => {
      try {
        return samplingOf({ ...typed, ...over });
      } catch (error) {
        return error instanceof RankscopeError ? error.details : error;
      }
    };
    assert.deepEqual(refusal({ samples: '21' }), {
      ...{ code: 'usage', what: '"21" cannot be used for Samples', where: 'Samples' },
      remedy: 'Give a whole number from 1 to 20.',
    });
    assert.deepEqual(refusal({ temperature: '100.5' }), {
      ...{ code: 'usage', what: '"100.5" cannot be used for Temperature', where: 'Temperature' },
      remedy: 'Give a number from 0 to 100.',
    });
  });

  for (const [field, value] of [
    ['samples', '0'],
    ['samples', '21'],
    ['maxNewTokens', '0'],
    ['maxNewTokens', '1001'],
    ['maxNewTokens', '1.5'],
    ['seed', '-1'],
    ['seed', '0.5'],
    ['samples', '2.5'],
    ['maxNewTokens', 'many'],
    ['temperature', '-1'],
    ['seed', ' '],
  ] as const) {
    it(`is refused for ${field} "${value}", with what can be given`, () => {
      assert.throws(
        () => samplingOf({ ...typed, [field]: value }),
        (error) => error instanceof RankscopeError && error.code === 'usage' && error.details.remedy !== undefined,
      );
    });
  }
});
