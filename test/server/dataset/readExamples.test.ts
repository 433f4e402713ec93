import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detectFormat } from '../../../server/dataset/detectFormat.ts';
import { readExamples } from '../../../server/dataset/readExamples.ts';
import { RankscopeError } from '../../../server/protocol/errors.ts';

describe('readExamples', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'rankscope-dataset-'))));
  after(() => rm(folder, { recursive: true }));

  const write = async (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };
  const rejects = (path: string, pattern: RegExp) =>
    assert.rejects(readExamples(path), (error) => {
      assert.ok(error instanceof RankscopeError);
      assert.equal(error.code, 'data');
      assert.match(error.message, pattern);
      assert.ok((error.details.remedy ?? '').length > 10);
      return true;
    });

  it('reads a whole file in the format its name says', async () => {
    const { format, examples } = await readExamples(await write('a.jsonl', '{"text":"x"}\n{"text":"y"}\n'));
    assert.equal(format, 'jsonl');
    assert.deepEqual(
      examples.map(({ text }) => text),
      ['x', 'y'],
    );
  });

  it('stops at a broken line with file, line and remedy', async () => {
    const path = await write('b.jsonl', '{"text":"x"}\n{"text":\n{"tex\n');
    await rejects(path, /b\.jsonl:2: the line is no JSON.*and 1 more lines are broken.*Correct the line/);
  });

  it('refuses an empty, a missing and a binary file', async () => {
    await rejects(await write('c.jsonl', '\n\n'), /c\.jsonl: the data set is empty/);
    await rejects(join(folder, 'none.csv'), /none\.csv: the file does not exist/);
    await rejects(folder, /cannot be read/);
    await rejects(await write('d.txt', Uint8Array.of(0xff, 0x41, 0xfe, 0x80)), /no UTF-8/);
  });

  it('detects formats by name, by columns and by beginning', () => {
    assert.equal(detectFormat('x.CSV', ''), 'csv');
    assert.equal(detectFormat('x.tsv', 'text\tlabel\n'), 'tsv');
    const honest = 'template_masked\traw\tidentity\tnumber\tcategory\ttype\r\n';
    assert.equal(detectFormat('x.tsv', `\uFEFF${honest}`), 'honest');
    assert.equal(detectFormat('x', '\n {"text":1}'), 'jsonl');
    assert.equal(detectFormat('x.txt', '{"text":1}'), 'text');
  });
});
