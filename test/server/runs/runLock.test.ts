import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RankscopeError } from '../../../server/protocol/errors.ts';
import { isAlive, readLock, takeLock } from '../../../server/runs/runLock.ts';
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

  it('is taken from a process that has ended and whose parent never asks', async function () {
    if (process.platform !== 'linux') this.skip();
    // The shell turns into a program that waits for no child, as the first process of many containers does.
    const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 600'], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      const [said] = (await once(parent.stdout, 'data')) as [Buffer];
      const pid = Number(said.toString());
      while (!readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')) await nextTurn();
      const path = join(folder.path, 'ended.json');
      const owner = { pid, host: hostname() };
      writeFileSync(path, JSON.stringify(owner));
      assert.equal(isAlive(owner), false);
      await (await takeLock(path)).release();
    } finally {
      parent.kill();
    }
  });
});
