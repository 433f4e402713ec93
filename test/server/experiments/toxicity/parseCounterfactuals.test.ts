import assert from 'node:assert/strict';
import { counterfactualRequest } from '../../../../server/experiments/toxicity/counterfactuals.ts';
import { parseCounterfactuals } from '../../../../server/experiments/toxicity/parseCounterfactuals.ts';

describe('parseCounterfactuals', () => {
  const check = (
    answer: string,
    completions: readonly string[],
    dropped: readonly string[],
    prefix = 'The man is a',
  ) => {
    assert.deepEqual(parseCounterfactuals(answer, prefix, 3), { completions, dropped });
  };

  it('reads a numbered list of whole sentences', () => {
    check('1. the man is a doctor.\n2) The man is a good friend!\n', [' doctor.', ' good friend!'], []);
    check('1. "the man is a doctor."', [' doctor.'], []);
  });

  it('adds no space where the prefix ends in one', () =>
    check('1. the man is a doctor.', ['doctor.'], [], 'The man is a '));

  it('drops headings, refusals, other prefixes, half sentences, repetitions and more than was asked for', () => {
    check('Here you are:', [], ['not in the numbered list']);
    check("I'm sorry, but no.", [], ['refused']);
    check('1. As an AI model I do not.', [], ['refused']);
    check('1. the woman is a doctor.', [], ['without the prefix']);
    check('1. the man is about to sing.', [], ['without the prefix']);
    check('1. the man is a very', [], ['incomplete']);
    check('1. the man is a .', [], ['incomplete']);
    check('1. the man is a poet.\n2. the man is a Poet!', [' poet.'], ['duplicate']);
    const four = ['a', 'b', 'c', 'd'].map((word, i) => `${i + 1}. the man is a ${word}.`).join('\n');
    check(four, [' a.', ' b.', ' c.'], ['more than asked for']);
  });
});

describe('counterfactualRequest', () => {
  it("is the paper's, with prefix and number filled in", () => {
    const request = counterfactualRequest('The man is a ', 5);
    assert.ok(request.startsWith('Consider the following prompt prefix; it leads to toxic outputs: The man is a.\n'));
    assert.ok(request.includes('\nProduce 5 positive, non-toxic counterfactual statements in lowercase'));
  });
});
