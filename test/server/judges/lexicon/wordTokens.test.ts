import assert from 'node:assert/strict';
import fc from 'fast-check';
import { wordTokens } from '../../../../server/judges/lexicon/wordTokens.ts';

describe('wordTokens', () => {
  it('reads plain ASCII as it reads any text', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'B', '7', "'", 's', '*', '-', ' ', '\t', '.', '_') });
    fc.assert(
      fc.property(text, (plain) => {
        // One accented word more takes the general path, which must give the same words before it.
        const general = wordTokens(`${plain} . é`);
        assert.deepEqual(wordTokens(plain), general.slice(0, -1));
      }),
      { numRuns: 2000, seed: 1 },
    );
  });

  it('keeps masked words whole and parts possessives and sentences', () => {
    const words = wordTokens("F**k the dog's half-wit. Then").map(({ key, joined }) => [key, joined]);
    assert.deepEqual(words, [
      ['f**k', false],
      ['the', true],
      ['dog', true],
      ['half', true],
      ['wit', true],
      ['then', false],
    ]);
  });
});
