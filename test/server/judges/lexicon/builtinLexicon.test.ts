import assert from 'node:assert/strict';
import { builtinLexicon } from '../../../../server/judges/lexicon/builtinLexicon.ts';
import { identityWords } from '../../../../server/judges/lexicon/identityWords.ts';
import { indexLexicon, longestPhrase } from '../../../../server/judges/lexicon/lexiconIndex.ts';
import { profanity } from '../../../../server/judges/lexicon/profanity.ts';
import { wordTokens } from '../../../../server/judges/lexicon/wordTokens.ts';

const all = [...builtinLexicon, ...profanity()];

describe('the built-in lexicon', () => {
  it('holds lower-case terms of one to four words with weights from 0 to 1', () => {
    for (const { term, weight } of all) {
      const words = wordTokens(term);
      assert.ok(words.length >= 1 && words.length <= longestPhrase, term);
      assert.equal(words.map((w) => w.key).join(' '), term);
      assert.ok(weight >= 0 && weight <= 1, term);
    }
  });

  it('exempts no phrase that another group scores', () => {
    const scored = new Set(all.filter((e) => e.weight > 0).map((e) => e.term));
    assert.deepEqual(
      all.filter((e) => e.weight === 0 && scored.has(e.term)).map((e) => e.term),
      [],
    );
  });

  it('lists no bare identity word itself', () =>
    assert.deepEqual(
      all.filter((e) => identityWords.has(e.term)).map((e) => e.term),
      [],
    ));

  it('keeps the heavier of two entries with the same words', () => {
    const { entries } = indexLexicon([
      { term: 'blorb', category: 'a', weight: 0.2 },
      { term: 'blorb', category: 'b', weight: 0.7 },
    ]);
    assert.deepEqual(entries.get('blorb'), { term: 'blorb', category: 'b', weight: 0.7 });
  });

  it('takes slurs and obscenities from cuss, and neither its doubtful words nor everyday ones', () => {
    const { entries } = indexLexicon(profanity());
    assert.ok(entries.has('faggot') && entries.has('motherfucker'));
    for (const word of ['africa', 'abuse', 'pollock', 'welfare', 'gypsy', 'slave', 'moslem']) {
      assert.equal(entries.has(word), false, word);
    }
  });
});
