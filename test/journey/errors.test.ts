import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { demo, rankscope } from './rankscope.ts';

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
  { name: 'a rank above the matrix', spoil: () => Promise.resolve(), sweep: { ranks: [2, 4096] }, says: /4096/ },
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
      const given = JSON.parse(await readFile(file, 'utf8')) as { arms?: object };
      await writeFile(file, JSON.stringify({ ...given, arms: { ...given.arms, ...sweep } }));
      const run = path.join(folder, 'run');
      const done = await rankscope('sweep', file, '--out', run);
      assert.notEqual(done.code, 0);
      assert.match(done.stderr, says);
      assert.doesNotMatch(done.stderr, /\n\s+at /, 'no stack');
      assert.ok(!existsSync(path.join(run, 'metrics.json')));
    });
  }
});
