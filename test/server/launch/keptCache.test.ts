import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cacheLimit } from '../../../server/launch/cacheLimit.ts';
import { cacheEntries, clearCache, trimCache } from '../../../server/launch/keptCache.ts';

const day = 24 * 60 * 60 * 1000;

describe('the cache', () => {
  let folder: string;
  const now = Date.now();
  beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'rankscope-cache-'))));
  afterEach(() => rmSync(folder, { recursive: true }));

  /** A file of `size` bytes that was last used so many days ago. */
  function put(name: string, size: number, days: number): void {
    const file = path.join(folder, name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, Buffer.alloc(size));
    for (const own of [file, path.dirname(file)])
      utimesSync(own, new Date(now - days * day), new Date(now - days * day));
  }
  const namesOf = (entries: readonly { readonly path: string }[]) =>
    entries.map((entry) => path.relative(folder, entry.path).replaceAll('\\', '/'));

  it('lists entries of every kind with their sizes, the one that was used longest ago first', async () => {
    put('weights/new/weights.bin', 300, 1);
    put('weights/old/weights.bin', 100, 9);
    put('hashes/abc', 7, 5);
    put('started/run', 50, 9);
    const entries = await cacheEntries(folder);
    assert.deepEqual(
      entries.map(({ kind, bytes }) => [kind, bytes]),
      [
        ['weights', 100],
        ['hashes', 7],
        ['weights', 300],
      ],
    );
    assert.deepEqual(namesOf(entries), ['weights/old', 'hashes/abc', 'weights/new']);
    assert.ok(Math.abs((entries[0]?.used ?? 0) - (now - 9 * day)) < 1000);
  });

  it('loses what was used longest ago until the rest fits, and nothing of the last three days', async () => {
    put('weights/a/weights.bin', 100, 30);
    put('weights/b/weights.bin', 100, 20);
    put('weights/c/weights.bin', 100, 10);
    put('weights/d/weights.bin', 100, 2);
    assert.deepEqual(namesOf(await trimCache(folder, 250, now)), ['weights/a', 'weights/b']);
    assert.deepEqual(readdirSync(path.join(folder, 'weights')), ['c', 'd']);
    assert.deepEqual(namesOf(await trimCache(folder, 0, now)), ['weights/c']);
    assert.deepEqual(readdirSync(path.join(folder, 'weights')), ['d']);
  });

  it('loses nothing where it fits', async () => {
    put('weights/a/weights.bin', 100, 30);
    assert.deepEqual(await trimCache(folder, 100, now), []);
    assert.deepEqual(readdirSync(path.join(folder, 'weights')), ['a']);
  });

  it('loses what dead processes left unfinished, a day later', async () => {
    const id = '0b8f3c1e-7f2c-4a0d-9a51-3f3a6f0c1d2e';
    for (const [name, days] of [
      [`weights.bin.${id}`, 2],
      [`program-12-${id}.onnx`, 2],
      ['weights.bin.4711', 2],
      [`program-13-${id}.onnx`, 0],
    ] as const)
      put(`weights/a/${name}`, 10, days);
    put('weights/a/weights.bin', 100, 9);
    put('weights/a/weights.i8.bin.wide.json', 10, 9);
    put('weights/a/weights.bin.sha256', 10, 9);
    put(`hashes/abc.${id}`, 5, 2);
    await trimCache(folder, 1e9, now);
    assert.deepEqual(readdirSync(path.join(folder, 'weights', 'a')).sort(), [
      `program-13-${id}.onnx`,
      'weights.bin',
      'weights.bin.sha256',
      'weights.i8.bin.wide.json',
    ]);
    assert.deepEqual(readdirSync(path.join(folder, 'hashes')), []);
  });

  it('is cleared, all of it or one kind, and what is no cache stays', async () => {
    put('weights/a/weights.bin', 100, 1);
    put('verdicts/x.jsonl', 10, 0);
    put('started/run', 5, 9);
    assert.deepEqual(namesOf(await clearCache(folder, 'verdicts')), ['verdicts/x.jsonl']);
    assert.ok(existsSync(path.join(folder, 'weights', 'a', 'weights.bin')));
    assert.deepEqual(namesOf(await clearCache(folder)), ['weights/a']);
    assert.ok(existsSync(path.join(folder, 'started', 'run')));
    assert.deepEqual(await clearCache(path.join(folder, 'nowhere')), []);
  });

  it('follows no link, neither in the place of a kind nor of an entry', async () => {
    const outside = path.join(folder, 'outside');
    put('outside/precious', 100, 90);
    mkdirSync(path.join(folder, 'hashes'));
    symlinkSync(outside, path.join(folder, 'weights'));
    symlinkSync(outside, path.join(folder, 'hashes', 'link'));
    await trimCache(folder, 0, now + 100 * day);
    await clearCache(folder);
    assert.deepEqual(readdirSync(outside), ['precious']);
  });

  it('has a limit of 20 GB, or the one of the environment', () => {
    assert.equal(cacheLimit({}), 20e9);
    assert.equal(cacheLimit({ RANKSCOPE_CACHE_LIMIT: '' }), 20e9);
    assert.equal(cacheLimit({ RANKSCOPE_CACHE_LIMIT: '1.5' }), 1.5e9);
    assert.equal(cacheLimit({ RANKSCOPE_CACHE_LIMIT: '0' }), 0);
    for (const bad of ['-1', '5 GB', 'Infinity'])
      assert.throws(() => cacheLimit({ RANKSCOPE_CACHE_LIMIT: bad }), /RANKSCOPE_CACHE_LIMIT is "/);
  });
});
