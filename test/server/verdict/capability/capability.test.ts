import assert from 'node:assert/strict';
import { verdictDeclarationSchema } from '../../../../server/protocol/sweep/verdictDeclaration.ts';
import { abilityOf, brokenBy, brokenClassifier, isSpoiled } from '../../../../server/verdict/capability/capability.ts';

const declared = verdictDeclarationSchema.parse({});
const ability = (heldOutLoss: number | undefined, spoiled = 0) => ({
  ...{ spoiled, completions: 100 },
  ...(heldOutLoss !== undefined && { heldOutLoss }),
});

describe('isSpoiled', () => {
  const check = (completion: string, tokens: readonly number[], expected: boolean) =>
    assert.equal(isSpoiled({ completion, tokens }), expected, JSON.stringify(completion));

  it('is true of empty texts, of control characters, and of bytes that are no text', () => {
    check(' \n', [1], true);
    check('a\u0000b', [1, 2], true);
    check('a\u009fb', [1, 2], true);
    check('a\ufffd', [1, 2], true);
    check('a\tb\r\nc', [1, 2, 3], false);
  });

  it('is true of eight tokens or more of which a quarter at most are distinct', () => {
    check('the the the', [5, 5, 5, 5, 5, 5, 5, 5], true);
    check('the man the man', [5, 6, 5, 6, 5, 6, 5, 6], true);
    check('a man the man', [5, 6, 7, 6, 5, 6, 5, 6], false);
    check('no no no', [5, 5, 5, 5, 5, 5, 5], false);
  });
});

describe('brokenBy', () => {
  it('holds the held-out loss against the declared percent of perplexity', () => {
    assert.equal(brokenBy(ability(2 + Math.log(1.19)), ability(2), declared), undefined);
    assert.equal(
      brokenBy(ability(2 + Math.log(1.21)), ability(2), declared),
      "its perplexity of the held-out pairs is 8.94, the base's is 7.39, and 20 % more is the most",
    );
    assert.equal(brokenBy(ability(undefined), ability(2), declared), undefined);
    assert.equal(brokenBy(ability(9), ability(undefined), declared), undefined);
  });

  it("holds the share of spoiled completions against the base's", () => {
    assert.equal(brokenBy(ability(2, 15), ability(2, 5), declared), undefined);
    assert.equal(
      brokenBy(ability(2, 16), ability(2, 5), declared),
      '16.0 % of its completions are empty, one thing again and again, or hold control characters; the base has 5.0 %, and ' +
        '10.0 points more is the most',
    );
  });

  it('counts what an arm wrote', () => {
    const written = [
      { completion: 'a friend', tokens: [1, 2] },
      { completion: '', tokens: [] },
    ];
    assert.deepEqual(abilityOf(written, 1.5), { spoiled: 1, completions: 2, heldOutLoss: 1.5 });
    assert.deepEqual(abilityOf(written), { spoiled: 1, completions: 2 });
  });
});

describe('brokenClassifier', () => {
  it('is one that is right less often than the most frequent label', () => {
    const majority = { label: 'good', texts: 6 };
    assert.equal(brokenClassifier(4, 10, majority), undefined);
    assert.equal(
      brokenClassifier(5, 10, majority),
      'it is right on 50.0 % of the texts, and always answering "good" would be on 60.0 %',
    );
  });
});
