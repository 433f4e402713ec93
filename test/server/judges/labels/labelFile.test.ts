import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { appendLabels, labelPathOf, parseLabels, readLabelFile } from '../../../../server/judges/labels/labelFile.ts';
import type { LabelRecord } from '../../../../server/protocol/labelRecord.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';

const content = (digit: string) => digit.repeat(64);
const record = (author: string, time = 1): LabelRecord => ({ content: content('a'), label: 'toxic', author, time });

describe('a label file', () => {
  let folder: string;
  let path: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rankscope-labels-'));
    path = join(folder, 'data.jsonl.labels.jsonl');
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('stands beside its document, which must be a file', () => {
    assert.equal(labelPathOf('file:///data/a%20b.jsonl'), '/data/a b.jsonl.labels.jsonl');
    assert.equal(labelPathOf('untitled:Untitled-1'), undefined);
    assert.equal(labelPathOf('file://%zz'), undefined);
  });

  it('holds no labels before there is any', async () => {
    assert.deepEqual(await readLabelFile(path), { records: [], broken: [] });
  });

  it('gives back what was added, in order, and never changes what stands there', async () => {
    await appendLabels(path, [{ ...record('ann'), reason: 'said "so"\nand more' }]);
    const before = await readFile(path, 'utf8');
    await appendLabels(path, [record('bob'), record('cleo')]);
    assert.ok((await readFile(path, 'utf8')).startsWith(before));
    const { records } = await readLabelFile(path);
    assert.deepEqual(
      records.map(({ author, reason }) => [author, reason]),
      [
        ['ann', 'said "so"\nand more'],
        ['bob', undefined],
        ['cleo', undefined],
      ],
    );
  });

  it('neither follows a link that came with its data set, to read or to write, nor reads a device', async () => {
    const victim = join(folder, 'victim');
    await writeFile(victim, 'precious, no line end');
    await symlink(victim, path);
    const isDisk = (error: unknown) => error instanceof RankscopeError && error.code === 'disk';
    await assert.rejects(appendLabels(path, [record('ann')]), isDisk);
    await assert.rejects(readLabelFile(path), isDisk);
    assert.equal(await readFile(victim, 'utf8'), 'precious, no line end');
    await rm(path);
    await symlink('/dev/zero', path);
    await assert.rejects(readLabelFile(path), isDisk);
  });

  it('loses and mixes no line of many who add at once', async () => {
    const writers = Array.from({ length: 40 }, (_, i) => appendLabels(path, [record(`${i}`), record(`${i}`)]));
    await Promise.all(writers);
    const { records, broken } = await readLabelFile(path);
    assert.deepEqual(broken, []);
    assert.equal(records.length, 80);
    // The records of one writer stand together.
    for (let i = 0; i < 80; i += 2) assert.equal(records[i]?.author, records[i + 1]?.author);
  });

  it('closes a last line that a crash cut short, and tells of it', async () => {
    await writeFile(path, `${JSON.stringify(record('ann'))}\n{"content":"aa`);
    await appendLabels(path, [record('bob')]);
    const { records, broken } = await readLabelFile(path);
    assert.deepEqual(
      records.map(({ author }) => author),
      ['ann', 'bob'],
    );
    assert.deepEqual(broken, [2]);
  });

  it('passes over lines that are no labels', async () => {
    const wrong = [
      '5',
      'null',
      '[]',
      '{"content":"short","label":"toxic","author":"a","time":1}',
      JSON.stringify({ ...record('a'), label: 'bad' }),
      JSON.stringify({ ...record('a'), time: '1' }),
      JSON.stringify({ ...record('a'), reason: 5 }),
    ];
    await appendFile(path, `${wrong.join('\n')}\n\n`);
    assert.deepEqual(await readLabelFile(path), { records: [], broken: [1, 2, 3, 4, 5, 6, 7] });
  });

  it('throws nothing whatever stands in it (property)', () => {
    const line = fc.oneof(fc.string(), fc.json(), fc.constant(JSON.stringify(record('ann'))));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const { records, broken } = parseLabels(lines.join('\n'));
        const wholeLines = lines
          .join('\n')
          .split('\n')
          .filter((one) => one.trim() !== '');
        assert.equal(records.length + broken.length, wholeLines.length);
      }),
      { numRuns: 1000, seed: 7 },
    );
  });

  it('says what is wrong with a place where it cannot be', async () => {
    const nowhere = join(folder, 'missing', 'a.labels.jsonl');
    await assert.rejects(
      appendLabels(nowhere, [record('ann')]),
      (error) => error instanceof RankscopeError && error.code === 'disk',
    );
    await assert.rejects(readLabelFile(folder), (error) => error instanceof RankscopeError && error.code === 'disk');
  });
});
