import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { demo, rankscope, rankscopeWithin } from './rankscope.ts';

type Header = Record<string, { data_offsets?: number[] }>;

/** Changes the header of the demo model's safetensors, its length kept by spaces. */
async function editHeader(folder: string, change: (header: Header) => void): Promise<void> {
  const file = path.join(folder, 'model/model.safetensors');
  const bytes = await readFile(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Header;
  change(header);
  const text = JSON.stringify(header);
  assert.ok(text.length <= length);
  bytes.write(text.padEnd(length), 8);
  await writeFile(file, bytes);
}

/** Each fault is made in a copy of the demo; the error must name what `says` and leave no finished run. */
const faults: readonly { name: string; spoil: (folder: string) => Promise<void>; says: RegExp; sweep?: object }[] = [
  {
    name: 'truncated weights',
    spoil: async (folder) => {
      const file = path.join(folder, 'model/model.safetensors');
      await writeFile(file, (await readFile(file)).subarray(0, 100_000));
    },
    says: /model\.safetensors/,
  },
  {
    name: 'a header length of 2^60',
    spoil: async (folder) => {
      const file = path.join(folder, 'model/model.safetensors');
      const bytes = await readFile(file);
      bytes.writeBigUInt64LE(2n ** 60n, 0);
      await writeFile(file, bytes);
    },
    says: /model\.safetensors/,
  },
  {
    name: 'an unknown architecture',
    spoil: async (folder) => {
      const file = path.join(folder, 'model/config.json');
      await writeFile(file, (await readFile(file, 'utf8')).replace('"gpt2"', '"mamba"'));
    },
    says: /mamba/,
  },
  {
    name: 'a broken line in the pairs',
    spoil: async (folder) => {
      const file = path.join(folder, 'pairs.jsonl');
      const lines = (await readFile(file, 'utf8')).split('\n');
      lines[2] = '{"prompt": "the';
      await writeFile(file, lines.join('\n'));
    },
    says: /pairs\.jsonl:3/,
  },
  {
    name: 'an empty data set',
    spoil: async (folder) => writeFile(path.join(folder, 'pairs.jsonl'), ''),
    says: /pairs\.jsonl/,
  },
  {
    name: 'tensors that overlap',
    spoil: (folder) =>
      editHeader(folder, (header) => {
        const [first, second] = Object.values(header).filter((entry) => 'data_offsets' in entry);
        if (first?.data_offsets && second) second.data_offsets = first.data_offsets;
      }),
    says: /model\.safetensors/,
  },
  {
    name: 'a missing tensor',
    spoil: (folder) =>
      editHeader(folder, (header) => {
        header.renamed = header['transformer.h.1.ln_1.weight'] ?? {};
        delete header['transformer.h.1.ln_1.weight'];
      }),
    says: /transformer\.h\.1\.ln_1\.weight/,
  },
  {
    name: 'a GGUF with a bad count',
    spoil: async (folder) => {
      const bytes = Buffer.alloc(64);
      bytes.write('GGUF', 0);
      bytes.writeUInt32LE(3, 4);
      bytes.writeBigUInt64LE(2n ** 62n, 8);
      bytes.writeBigUInt64LE(2n ** 62n, 16);
      await writeFile(path.join(folder, 'bad.gguf'), bytes);
    },
    sweep: { model: 'bad.gguf' },
    says: /bad\.gguf/,
  },
  {
    name: 'a rank above the matrix',
    spoil: () => Promise.resolve(),
    sweep: { arms: { ranks: [2, 4096] } },
    says: /4096/,
  },
];

describe('a fault in what is given', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'rankscope-fault-'))));
  afterEach(async () => rm(folder, { recursive: true, force: true }));

  for (const { name, spoil, says, sweep } of faults) {
    it(`${name}: says what, where and what to do, and leaves no run that looks finished`, async () => {
      await cp(demo, folder, { recursive: true });
      await spoil(folder);
      const file = path.join(folder, 'demo.sweep.json');
      const given = JSON.parse(await readFile(file, 'utf8')) as object;
      await writeFile(file, JSON.stringify({ ...given, ...sweep }));
      const run = path.join(folder, 'run');
      const done = await rankscope('sweep', file, '--out', run);
      assert.notEqual(done.code, 0);
      assert.match(done.stderr, says);
      assert.doesNotMatch(done.stderr, /\n\s+at /, 'no stack');
      assert.ok(!existsSync(path.join(run, 'metrics.json')));
    });
  }

  // A limit on the size of files stands for a disk that is full: the system refuses the write all the same. The demo
  // model's weights take about 11 MB as float32, a checkpoint of its full arm 24 MB.
  for (const { kilobytes, place } of [
    { kilobytes: 2000, place: 'the converted weights' },
    { kilobytes: 15_000, place: 'a checkpoint' },
  ]) {
    it(`no room on the disk for ${place}: says so, and leaves no run that looks finished`, async () => {
      await cp(demo, folder, { recursive: true });
      const file = path.join(folder, 'demo.sweep.json');
      const given = JSON.parse(await readFile(file, 'utf8')) as object;
      const short = {
        arms: { ranks: [2], full: true, learningRate: 1e-3 },
        training: { steps: 2, gradientAccumulation: 1 },
        checkpointEverySteps: 1,
      };
      await writeFile(file, JSON.stringify({ ...given, ...short }));
      const run = path.join(folder, 'run');
      const limits = { kilobytes, cache: path.join(folder, 'cache') };
      const done = await rankscopeWithin(limits, 'sweep', file, '--out', run);
      assert.notEqual(done.code, 0);
      assert.match(done.stderr, /no room/);
      assert.ok(!existsSync(path.join(run, 'metrics.json')));
    });
  }
});
