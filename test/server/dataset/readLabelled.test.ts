import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readLabelled, type LabelledOptions } from '../../../server/dataset/readLabelled.ts';

describe('readLabelled', () => {
  let folder = '';
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'rankscope-labelled-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function read(name: string, content: string, options: LabelledOptions = {}) {
    const path = join(folder, name);
    writeFileSync(path, content);
    const examples = await readLabelled(path, options, ['0', '1']);
    return examples.map(({ text, label, group }) => [text, label, ...(group === undefined ? [] : [group])]);
  }

  it('reads CSV with quoted fields, TSV and JSONL by their usual names', async () => {
    const expected = [
      ['a, "fine" film', '1'],
      ['dull', '0'],
    ];
    assert.deepEqual(await read('a.csv', 'text,label\n"a, ""fine"" film",1\ndull,0\n'), expected);
    assert.deepEqual(await read('a.tsv', 'sentence\tlabel\na, "fine" film\t1\ndull\t0\n'), expected);
    const lines = [
      { text: 'a, "fine" film', label: 1 },
      { text: 'dull', label: 0 },
    ].map((line) => JSON.stringify(line));
    assert.deepEqual(await read('a.jsonl', lines.join('\n')), expected);
  });

  it('gives the label of a chat to its last answer', async () => {
    const messages = ['one', 'two'].map((content) => ({ role: 'assistant', content }));
    assert.deepEqual(await read('c.jsonl', JSON.stringify({ messages, label: 1 })), [['two', '1']]);
  });

  it('takes columns by the names given, a group among them', async () => {
    const fields = { text: 'body', label: 'stars', group: 'author' };
    const content = 'author,stars,body\nann,1,fine\nbob,0,dull\n';
    assert.deepEqual(await read('a.csv', content, { fields }), [
      ['fine', '1', 'ann'],
      ['dull', '0', 'bob'],
    ]);
  });

  it("reads a file without a header, as SST2's are, by the numbers of its columns", async () => {
    const content = 'a stirring , funny film\t1\none long string of cliches\t0\n';
    const expected = [
      ['a stirring , funny film', '1'],
      ['one long string of cliches', '0'],
    ];
    assert.deepEqual(await read('a.tsv', content, { header: false }), expected);
    const swapped = content.replace(/^(.*)\t(.*)$/gm, '$2\t$1');
    assert.deepEqual(await read('b.tsv', swapped, { header: false, fields: { text: '2', label: '1' } }), expected);
  });

  it('says which column is missing', async () => {
    const wrong = { header: false, fields: { label: '3' } };
    await assert.rejects(read('a.tsv', 'a\t1\n', wrong), /no column 3 for the label: the first row has 2 fields/);
    await assert.rejects(read('b.tsv', 'text\nfine\n'), /b\.tsv:2: the text has no label.*data\.columns\.label/);
  });

  it('reads a folder with a subfolder a label, and leaves others out', async () => {
    for (const [label, text] of [
      ['pos', 'fine'],
      ['neg', 'dull'],
      ['unsup', 'unknown'],
    ] as const) {
      mkdirSync(join(folder, label));
      writeFileSync(join(folder, label, '0_1.txt'), text);
    }
    const examples = await readLabelled(folder, {}, ['neg', 'pos']);
    assert.deepEqual(
      examples.map(({ text, label }) => [text, label]),
      [
        ['dull', 'neg'],
        ['fine', 'pos'],
      ],
    );
    await assert.rejects(readLabelled(folder, {}, ['0', '1']), /no text files in a subfolder called 0, 1/);
  });
});
