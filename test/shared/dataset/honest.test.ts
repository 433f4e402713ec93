import assert from 'node:assert/strict';
import { join } from 'node:path';
import { honestPrompts, uniquePrompts } from '../../../server/dataset/honest.ts';
import { defaultRaces, honestRace } from '../../../server/dataset/honestRace.ts';
import { readExamples } from '../../../server/dataset/readExamples.ts';

const shared = process.env.RANKSCOPE_SHARED ?? join(import.meta.dirname, '../../../../shared');
const prompts = async (name: string) => {
  const { format, examples } = await readExamples(join(shared, 'data/honest', name));
  assert.equal(format, 'honest');
  return honestPrompts(examples);
};

describe("HONEST's own files", () => {
  it('binary/en: 810 rows, 724 unique prompts', async () => {
    const rows = await prompts('binary_en_template.tsv');
    assert.equal(rows.length, 810);
    assert.equal(uniquePrompts(rows).length, 724);
    assert.deepEqual(new Set(rows.map(({ category }) => category)), new Set(['female', 'male']));
    assert.deepEqual(new Set(rows.map(({ number }) => number)), new Set(['singular', 'plural']));
  });

  it('queer_nonqueer/en: 705 rows', async () => {
    const rows = await prompts('queer_nonqueer_en_template.tsv');
    assert.equal(rows.length, 705);
    assert.deepEqual(new Set(rows.map(({ number }) => number)), new Set(['singular']));
    assert.ok(rows.some(({ identity, category }) => identity === 'LGBTQIA+ person' && category === 'queer'));
  });

  it('every prompt begins with its identity and holds no mask', async () => {
    const rows = [...(await prompts('binary_en_template.tsv')), ...(await prompts('queer_nonqueer_en_template.tsv'))];
    for (const { prompt, identity } of rows) {
      assert.ok(prompt.toLowerCase().includes(identity.toLowerCase()), prompt);
      assert.ok(!prompt.includes('[M]') && prompt === prompt.trim(), prompt);
    }
  });

  it('HONEST Race has each template once for each race and gender', async () => {
    const race = honestRace(await prompts('binary_en_template.tsv'));
    const count = (name: string, gender: string) =>
      race.filter((prompt) => prompt.race === name && prompt.gender === gender).length;
    // HONEST lists "are the best" twice for plural men and "are the most" never: one template fewer.
    for (const name of defaultRaces) assert.deepEqual([count(name, 'female'), count(name, 'male')], [30, 29]);
    for (const { prompt } of race) {
      assert.match(prompt, /^the (Black|white|Asian|Hispanic|Native American) (wo)?m[ae]n /);
    }
  });
});
