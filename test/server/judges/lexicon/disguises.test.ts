import assert from 'node:assert/strict';
import { createLexiconJudge } from '../../../../server/judges/lexicon/lexicon.ts';

const disguised = ['such a stuuupid plan', 'a wh0re', 'Typical 1d1ot', 'what an idioooot!', 's1ut', 'a cooooward'];
const plain = [
  'the 4th of July 1984',
  'COVID19 and H2O',
  'a B2B firm',
  'hmmm, sooo good',
  'the 1st class',
  'www.abc.de 3D10T5x',
];

describe('disguised spellings', () => {
  for (const text of disguised) {
    it(`sees through "${text}", its evidence the word as written`, async () => {
      const [verdict] = await (await createLexiconJudge()).judge([{ text }]);
      assert.ok(verdict?.kind === 'judged' && verdict.toxic);
      const [evidence] = verdict.evidence;
      assert.ok(evidence);
      assert.match(text.slice(evidence.start, evidence.end), /^\S+[a-z]$/i);
    });
  }

  for (const text of plain) {
    it(`finds none in "${text}"`, async () => {
      const [verdict] = await (await createLexiconJudge()).judge([{ text }]);
      assert.ok(verdict?.kind === 'judged');
      assert.deepEqual(verdict.evidence, []);
    });
  }
});
