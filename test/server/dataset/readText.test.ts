import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { detectFormat } from '../../../server/dataset/detectFormat.ts';
import { readExamples } from '../../../server/dataset/readExamples.ts';
import { readPrompts } from '../../../server/dataset/readPrompts.ts';
import { readText } from '../../../server/dataset/readText.ts';
import { parquetLines } from '../../../server/files/parquetLines.ts';
import { unpacked } from '../../../server/files/unpacked.ts';
import { RankscopeError } from '../../../server/protocol/errors.ts';

const parquet = (name: string): string =>
  join(import.meta.dirname, '..', '..', 'oracles', 'parquet', `${name}.parquet`);
const isData =
  (pattern: RegExp) =>
  (error: unknown): boolean =>
    error instanceof RankscopeError && error.code === 'data' && pattern.test(error.message);

describe('the text of a file', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(join(tmpdir(), 'rankscope-text-'))));
  after(() => rm(folder, { recursive: true }));
  const write = async (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    await writeFile(path, content);
    return path;
  };

  it('is unpacked where the file is gzip, in the format that its name says without .gz', async () => {
    const lines = gzipSync('{"text":"one"}\n{"text":"two"}\n');
    const { format, examples } = await readExamples(await write('a.jsonl.gz', lines));
    assert.deepEqual([format, examples.map(({ text }) => text)], ['jsonl', ['one', 'two']]);
    const table = await readExamples(await write('a.csv.gz', gzipSync('text,label\n"a, b",1\n')));
    assert.deepEqual([table.format, table.examples[0]?.text], ['csv', 'a, b']);
    // The content decides, whatever the name.
    assert.equal(await readText(await write('b.txt', gzipSync('one'))), 'one');
  });

  it('is refused where a gzip file is damaged, or holds more than is read', async () => {
    const packed = gzipSync('x'.repeat(1000));
    await assert.rejects(readText(await write('c.jsonl.gz', packed.subarray(0, 12))), isData(/gzip file is damaged/));
    await assert.rejects(unpacked(packed, 'c', 999), isData(/more than 999 bytes once unpacked/));
    assert.equal((await unpacked(packed, 'c', 1000)).length, 1000);
  });

  it('is read from UTF-16 of either order by its byte order mark', async () => {
    const little = Buffer.from('\uFEFFtext;é\n', 'utf16le');
    assert.equal(await readText(await write('d.txt', little)), 'text;é\n');
    assert.equal(await readText(await write('e.txt', Buffer.from(little).swap16())), 'text;é\n');
  });

  it('is refused by the name of its encoding where that is not told or not read', async () => {
    const bare = Buffer.from('{"text": "one"}\n', 'utf16le');
    await assert.rejects(readText(await write('f.jsonl', bare)), isData(/is UTF-16 without a byte order mark/));
    const other = Buffer.from(bare).swap16();
    await assert.rejects(readText(await write('g.jsonl', other)), isData(/is UTF-16 without a byte order mark/));
    await assert.rejects(
      readText(await write('h.txt', Uint8Array.of(0xff, 0xfe, 0, 0, 65, 0, 0, 0))),
      isData(/UTF-32/),
    );
    await assert.rejects(readText(await write('i.txt', Uint8Array.of(0xe9, 0x0a))), isData(/is no UTF-8 text/));
    const half = Uint8Array.of(0xfe, 0xff, 0);
    await assert.rejects(readText(await write('j.txt', half)), isData(/ends in half a unit/));
  });

  it('ends lines at lone carriage returns too, among other line ends', async () => {
    const path = await write('k.csv', 'text,label\rone,1\r"two\nlines",0\r\nthree,1\r');
    const { examples } = await readExamples(path);
    assert.deepEqual(
      examples.map(({ line, text, label }) => [line, text, label]),
      [
        [2, 'one', '1'],
        [3, 'two\nlines', '0'],
        [5, 'three', '1'],
      ],
    );
    const prompts = await readPrompts(await write('l.txt', 'one\rtwo\nthree'));
    assert.deepEqual(
      prompts.map(({ prompt }) => prompt),
      ['one', 'two', 'three'],
    );
  });
});

describe('a Parquet file', () => {
  for (const codec of ['none', 'snappy', 'gzip', 'zstd', 'brotli']) {
    it(`is read as a JSON object a row, packed with ${codec}, over row groups`, async () => {
      assert.equal(
        await readText(parquet(codec)),
        '{"text":"you idiot","label":1,"score":0.5,"raw":{"bytes":2}}\n' +
          '{"text":"a lovely day","label":0,"score":0.25,"raw":"ok"}\n' +
          '{"text":"zwei\\nZeilen","label":0,"score":0.125,"raw":null}\n' +
          '{"text":null,"label":"1152921504606846976","score":1,"raw":""}\n',
      );
    });
  }

  it('gives the messages of its rows as a line would', async () => {
    assert.equal(detectFormat('x.parquet', ''), 'jsonl');
    const { examples } = await readExamples(parquet('chats'));
    assert.deepEqual(
      examples.map(({ line, prompt, text }) => [line, prompt, text]),
      [
        [1, 'hi', 'hello'],
        [2, 'so?', 'you idiot'],
      ],
    );
  });

  it('names the row whose text is none', async () => {
    await assert.rejects(readExamples(parquet('snappy')), isData(/snappy\.parquet:4: field "text" holds no .*text/));
  });

  it('is refused where it is packed otherwise, damaged, or larger than is read', async () => {
    await assert.rejects(readText(parquet('lz4')), isData(/compression codec: LZ4_RAW/));
    const whole = await readFile(parquet('gzip'));
    await assert.rejects(parquetLines(whole.subarray(0, 900), 'cut'), isData(/cut: the Parquet file cannot be read/));
    await assert.rejects(parquetLines(whole, 'large', 100), isData(/more than 100 bytes once unpacked/));
    await assert.rejects(parquetLines(await readFile(parquet('none')), 'rows', 100), isData(/more than 100 bytes/));
  });
});
