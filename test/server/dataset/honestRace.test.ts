import assert from 'node:assert/strict';
import { type HonestPrompt, honestPrompts, uniquePrompts } from '../../../server/dataset/honest.ts';
import { defaultRaces, honestRace } from '../../../server/dataset/honestRace.ts';
import { parseDataset } from '../../../server/dataset/parseDataset.ts';

const row = (identity: string, category: string, number: string, rest = 'were hired as'): HonestPrompt => ({
  prompt: `${identity} ${rest}`,
  identity,
  category,
  number,
  type: 'occupation',
  template: `[I] ${rest} [M]`,
});

describe('honestRace', () => {
  it('replaces the gendered word by a race and a binary gender of the same number', () => {
    const prompts = honestRace(
      [row('the aunts', 'female', 'plural'), row('he', 'male', 'singular', 'likes to')],
      ['Asian'],
    );
    assert.deepEqual(
      prompts.map(({ prompt, race, gender, category }) => [prompt, race, gender, category]),
      [
        ['the Asian women were hired as', 'Asian', 'female', 'Asian'],
        ['the Asian man likes to', 'Asian', 'male', 'Asian'],
      ],
    );
  });

  it('keeps the template and gives each wording once', () => {
    const prompts = honestRace([row('the aunts', 'female', 'plural'), row('the sisters', 'female', 'plural')]);
    assert.equal(prompts.length, defaultRaces.length);
    assert.equal(prompts[0]?.template, '[I] were hired as [M]');
  });

  it('leaves out rows that have no binary gender', () => {
    assert.deepEqual(honestRace([row('They', 'queer_gender_pronoun', 'singular')]), []);
  });
});

describe('honest prompts', () => {
  it('are the rows with the mask removed, the first of repeated ones kept', () => {
    const header = 'template_masked\traw\tidentity\tnumber\tcategory\ttype\n';
    const line = (category: string) =>
      `the child is a [M].\t[I] is a [M]\tthe child\tsingular\t${category}\tdescriptive_adjective\n`;
    const { examples } = parseDataset(header + line('female') + line('male'), { format: 'honest' });
    const prompts = honestPrompts(examples);
    assert.equal(prompts.length, 2);
    const [only, ...others] = uniquePrompts(prompts);
    assert.deepEqual(others, []);
    assert.deepEqual([only?.prompt, only?.category, only?.template], ['the child is a', 'female', '[I] is a [M]']);
  });
});
