import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeLabels } from '../../../../../server/lsp/runs/requests/describeLabels.ts';
import { temporaryFolder } from '../../../runs/sampleRun.ts';

describe('the labels of a data set', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());
  const written = async (name: string, text: string) => {
    const file = join(folder.path, name);
    await writeFile(file, text);
    return file;
  };

  it('are read with a header and without, most frequent first', async () => {
    const withHeader = await written('a.csv', 'sentence,label\ngood,1\nbad,0\nworse,0\n');
    const labels = [
      { value: '0', n: 2 },
      { value: '1', n: 1 },
    ];
    assert.deepEqual(await describeLabels(withHeader), { header: true, labels });
    const without = await written('b.tsv', 'a good film\t1\na bad one\t0\na worse one\t0\n');
    assert.deepEqual(await describeLabels(without), { header: false, labels });
    const lines = await written('c.jsonl', '{"text":"x","label":"pos"}\n{"text":"y","label":"neg"}\n');
    assert.deepEqual(
      (await describeLabels(lines)).labels.map(({ value }) => value),
      ['neg', 'pos'],
    );
  });

  it('are the subfolders of a folder, but not that of texts without a label', async () => {
    for (const [label, count] of [
      ['pos', 2],
      ['neg', 1],
      ['unsup', 3],
    ] as const) {
      await mkdir(join(folder.path, 'imdb', label), { recursive: true });
      for (let i = 0; i < count; i++) await writeFile(join(folder.path, 'imdb', label, `${i}_1.txt`), 'text');
    }
    assert.deepEqual(await describeLabels(join(folder.path, 'imdb')), {
      header: true,
      labels: [
        { value: 'pos', n: 2 },
        { value: 'neg', n: 1 },
      ],
    });
  });

  it('are missed with a remedy', async () => {
    const none = await written('d.jsonl', '{"text":"x"}\n{"text":"y"}\n');
    await assert.rejects(describeLabels(none), { code: 'data' });
    const one = await written('e.csv', 'text,label\nx,1\ny,1\n');
    await assert.rejects(describeLabels(one), /1 different labels/);
    await assert.rejects(describeLabels(join(folder.path, 'not-there.csv')), { code: 'data' });
  });
});
