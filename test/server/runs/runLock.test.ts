import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { RankscopeError } from '../../../server/protocol/errors.ts';
import { readLock, takeLock } from '../../../server/runs/runLock.ts';
import { temporaryFolder } from './sampleRun.ts';

describe('the lock of a run', () => {
  const folder = temporaryFolder();
  after(() => folder.remove());
  /** What a process that has ended leaves behind. */
  const left = JSON.stringify({ pid: spawnSync(process.execPath, ['-e', '0']).pid, host: hostname() });

  it('goes to one of many that find it left by a dead process', async () => {
    for (let round = 0; round < 100; round++) {
      const path = join(folder.path, `contended-${round}.json`);
      writeFileSync(path, left);
      const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => takeLock(path)));
      const taken = outcomes.filter((outcome) => outcome.status === 'fulfilled');
      assert.equal(taken.length, 1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') assert.equal((outcome.reason as RankscopeError).code, 'run');
      }
      assert.equal((await readLock(path))?.pid, process.pid);
      await taken[0]!.value.release();
    }
    assert.deepEqual(readdirSync(folder.path), []);
  });

  it('is taken from a process that died while it took it over', async () => {
    const path = join(folder.path, 'twice-left.json');
    for (const name of [path, `${path}.takeover`]) writeFileSync(name, left);
    const lock = await takeLock(path);
    assert.equal((await readLock(path))?.pid, process.pid);
    await lock.release();
    assert.deepEqual(readdirSync(folder.path), []);
  });
});
