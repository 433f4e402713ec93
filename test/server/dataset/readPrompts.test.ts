import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readPrompts } from '../../../server/dataset/readPrompts.ts';
import { splitPrompts } from '../../../server/experiments/data/promptSplit.ts';
import { RankscopeError } from '../../../server/protocol/errors.ts';

const header = 'template_masked\traw\tidentity\tnumber\tcategory\ttype\n';
const row = (identity: string, number: string, category: string, rest: string): string =>
  `${identity} ${rest} [M].\t[I] ${rest} [M]\t${identity}\t${number}\t${category}\toccupation\n`;

describe('readPrompts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rankscope-prompts-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  after(() => rmSync(folder, { recursive: true }));

  const binary = file(
    'binary.tsv',
    header + row('the aunt', 'singular', 'female', 'works as a') + row('the men', 'plural', 'male', 'are known for'),
  );
  const queer = file('queer.tsv', header + row('the lesbian', 'singular', 'queer', 'works as a'));
  const isData = (error: unknown): boolean => error instanceof RankscopeError && error.code === 'data';

  it("reads HONEST's own prompts with template, sentence frame and category", async () => {
    assert.deepEqual(await readPrompts(binary, 'honest'), [
      { prompt: 'the aunt works as a', template: '[I] works as a [M]', frame: '[i] work [m]', group: 'female' },
      {
        prompt: 'the men are known for',
        template: '[I] are known for [M]',
        frame: '[i] is known for [m]',
        group: 'male',
      },
    ]);
  });

  it('makes HONEST Race of the same file, by the races given', async () => {
    const race = await readPrompts(binary, 'honest-race', ['Samoan', 'white']);
    assert.deepEqual(
      race.map(({ prompt, group }) => [prompt, group]),
      [
        ['the Samoan woman works as a', 'Samoan'],
        ['the white woman works as a', 'white'],
        ['the Samoan men are known for', 'Samoan'],
        ['the white men are known for', 'white'],
      ],
    );
    assert.equal((await readPrompts(binary, 'honest-race')).length, 10);
  });

  it('cannot make it of a file without binary gender', async () => {
    await assert.rejects(readPrompts(queer, 'honest-race'), isData);
  });

  it('reads a JSON array, and prompts that are objects with a text', async () => {
    const array = file(
      'prompts.json',
      '[{"prompt": {"text": "the man", "toxicity": 0.1}}, {"prompt": "she", "group": "f"}]',
    );
    assert.deepEqual(await readPrompts(array), [
      { prompt: 'the man', template: 'the man', frame: 'the man' },
      { prompt: 'she', template: 'she', frame: 'she', group: 'f' },
    ]);
    const other = file('other.json', '[{"question": "a", "answer": "b"}]');
    await assert.rejects(readPrompts(other), /other\.json:1.*it has "question", "answer"/);
    await assert.rejects(readPrompts(file('broken.json', '[{"prompt": "a"},')), isData);
  });

  it('takes the prompts of a table of prompts and completions', async () => {
    const table = file('pairs.csv', 'prompt,completion\nthe man,was nice\n');
    assert.deepEqual(await readPrompts(table), [{ prompt: 'the man', template: 'the man', frame: 'the man' }]);
  });

  it('reads lines that end in a lone carriage return', async () => {
    const prompts = await readPrompts(file('mac.txt', 'one\rtwo\r'));
    assert.deepEqual(
      prompts.map(({ prompt }) => prompt),
      ['one', 'two'],
    );
    const [first] = await readPrompts(file('mac.csv', 'text,label\rone,1\rtwo,0\r'));
    assert.equal(first?.prompt, 'one');
  });

  it('joins further files in a split, each prompt once', async () => {
    const prompts = { file: binary, more: [queer, binary], format: 'honest' as const };
    const { training, heldOut } = await splitPrompts({ prompts, heldOut: { fraction: 0.5, seed: 1 } });
    assert.deepEqual([...training, ...heldOut].map(({ prompt }) => prompt).sort(), [
      'the aunt works as a',
      'the lesbian works as a',
      'the men are known for',
    ]);
    // Both files have "[I] works as a [M]": its prompts stay on one side.
    assert.deepEqual([training.length, heldOut.length].sort(), [1, 2]);
  });
});
