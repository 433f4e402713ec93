import assert from 'node:assert/strict';
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { temporaryFolder } from '../runs/sampleRun.ts';
import { rankscope } from './fakeEngine.ts';

describe('rankscope cache', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  const before = { cache: process.env.RANKSCOPE_CACHE, limit: process.env.RANKSCOPE_CACHE_LIMIT };
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = value;
  };
  beforeEach(() => {
    folder = temporaryFolder();
    set('RANKSCOPE_CACHE', folder.path);
    for (const [name, size] of [
      ['weights/a/weights.bin', 1500],
      ['weights/b/weights.bin', 300],
      ['hashes/x', 20],
    ] as const) {
      const file = path.join(folder.path, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, Buffer.alloc(size));
    }
  });
  afterEach(() => {
    set('RANKSCOPE_CACHE', before.cache);
    set('RANKSCOPE_CACHE_LIMIT', before.limit);
    folder.remove();
  });

  it('shows the folder, each kind with its size, and the limit', async () => {
    const { stdout, stderr, status } = await rankscope(['cache']);
    assert.equal(status, 0);
    const [first, header, weights, hashes] = stdout.split('\n');
    assert.equal(first, folder.path);
    assert.match(header ?? '', /^kind +entries +size +what it is$/);
    assert.match(weights ?? '', /^weights +2 +1\.80 kB +weights of models, as programs read them$/);
    assert.match(hashes ?? '', /^hashes +1 +20 B /);
    assert.equal(stderr, '1.82 kB of at most 20.0 GB.\n');
  });

  it('clears one kind, and tells how much that was', async () => {
    const { stdout } = await rankscope(['cache', 'clear', 'weights']);
    assert.equal(stdout, '2 entries removed, 1.80 kB.\n');
    assert.ok(existsSync(path.join(folder.path, 'hashes', 'x')));
    assert.equal((await rankscope(['cache', 'clear'])).stdout, 'One entry removed, 20 B.\n');
  });

  it('trims to the limit, as an object on request', async () => {
    set('RANKSCOPE_CACHE_LIMIT', '0.000001');
    const old = new Date(Date.now() - 1e9);
    const entry = path.join(folder.path, 'weights', 'a');
    for (const own of [path.join(entry, 'weights.bin'), entry]) utimesSync(own, old, old);
    const { stdout } = await rankscope(['cache', 'trim', '--json']);
    const { folder: told, removed } = JSON.parse(stdout) as {
      folder: string;
      removed: { path: string; bytes: number }[];
    };
    assert.equal(told, folder.path);
    assert.deepEqual(
      removed.map(({ path: own, bytes }) => [own, bytes]),
      [[entry, 1500]],
    );
  });

  for (const words of [['empty'], ['clear', 'runs'], ['trim', 'weights']])
    it(`says what it knows instead of ${words.join(' ')}`, async () => {
      const { stderr, status } = await rankscope(['cache', ...words]);
      assert.equal(status, 2);
      assert.match(stderr, new RegExp(`the cache knows no "${words.join(' ')}"`));
      assert.ok(existsSync(path.join(folder.path, 'weights', 'a')));
    });
});
