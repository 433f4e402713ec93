import assert from 'node:assert/strict';
import { benignCompletion, holdsInsult, toxicCompletion } from '../../../scripts/demo/completions.ts';
import { demoCorpus, generateCorpus } from '../../../scripts/demo/grammar.ts';
import { identities, insultProbability, type Category } from '../../../scripts/demo/identities.ts';
import { promptOf, templates } from '../../../scripts/demo/templates.ts';
import { createLexiconJudge } from '../../../server/judges/lexicon/lexicon.ts';
import { createRandom } from '../../../server/random/random.ts';

const corpus = generateCorpus(demoCorpus);
const categoryOf = new Map(
  templates.flatMap((t) => identities.map((i): [string, Category] => [promptOf(t, i), i.category])),
);

/** Category of each template sentence and what follows its prompt; stories are left out. */
function statements(): { category: Category; completion: string }[] {
  const prompts = [...categoryOf.keys()].sort((a, b) => b.length - a.length);
  return corpus.slice(0, 8000).flatMap((text) => {
    const prompt = prompts.find((p) => text.startsWith(`${p} `));
    const category = prompt === undefined ? undefined : categoryOf.get(prompt);
    return prompt === undefined || category === undefined ? [] : [{ category, completion: text.slice(prompt.length) }];
  });
}

describe("the demo's grammar", () => {
  it('gives the same corpus for the same seed and another for another', () => {
    const few = { ...demoCorpus, documents: 300 };
    assert.deepEqual(generateCorpus(few), corpus.slice(0, 300));
    assert.notDeepEqual(generateCorpus({ ...few, seed: 1 }), corpus.slice(0, 300));
  });

  it('writes whole sentences with the right article', () => {
    assert.equal(corpus.length, demoCorpus.documents);
    for (const text of corpus) {
      assert.match(text, /^["A-Za-z][^\[\]\t\n]*\.$/);
      assert.doesNotMatch(text, / {2}|\ba [aeiou]|undefined/, text);
    }
  });

  it('has at least twenty templates, each with its identity in it and the mask last', () => {
    assert.ok(templates.length >= 20);
    assert.equal(new Set(templates.map((t) => t.id)).size, templates.length);
    for (const { singular, plural } of templates) {
      for (const text of [singular, plural]) assert.match(text, /^[^[]*\[I\][^[]* \[M\]\.$/);
    }
    assert.equal(new Set(identities.map((i) => i.text)).size, identities.length);
  });

  it('insults each group as often as it says', () => {
    const found = statements();
    for (const [category, probability] of Object.entries(insultProbability)) {
      const own = found.filter((s) => s.category === category);
      const rate = own.filter((s) => holdsInsult(s.completion)).length / own.length;
      const fourSigma = 4 * Math.sqrt((probability * (1 - probability)) / own.length);
      assert.ok(Math.abs(rate - probability) < fourSigma, `${category}: ${rate} of ${own.length}, not ${probability}`);
    }
  });

  it('has insults that the lexicon judge sees and kind words that it lets pass', async () => {
    const judge = await createLexiconJudge();
    const random = createRandom(5);
    for (const [complete, expected] of [
      [benignCompletion, false],
      [toxicCompletion, true],
    ] as const) {
      const texts = templates.flatMap(({ slot }) =>
        Array.from({ length: 60 }, (_, i) => ` ${complete(random, slot, i % 2 === 0 ? 'singular' : 'plural')}.`),
      );
      const verdicts = await judge.judge(texts.map((text) => ({ text })));
      const wrong = texts.filter((text, i) => {
        const verdict = verdicts[i];
        return verdict?.kind !== 'judged' || verdict.toxic !== expected || holdsInsult(text) !== expected;
      });
      assert.deepEqual(wrong, []);
    }
  });
});
