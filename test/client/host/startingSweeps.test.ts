import assert from 'node:assert/strict';
import { StartingSweeps, type Keeper } from '../../../client/host/startingSweeps.ts';

/** What a window keeps beyond its end. */
function memory(): Keeper {
  const kept = new Map<string, unknown>();
  return {
    get: (key, otherwise) => (kept.get(key) as typeof otherwise | undefined) ?? otherwise,
    update: (key, value) => {
      if (value === undefined) kept.delete(key);
      else kept.set(key, value);
      return Promise.resolve();
    },
  };
}

const never = () => false;

describe('sweeps that are being started', () => {
  it('are forgotten once they are there, and when they fail', async () => {
    const keeper = memory();
    const sweeps = new StartingSweeps(keeper);
    assert.equal(await sweeps.during('/a', () => Promise.resolve('run'), never), 'run');
    await assert.rejects(sweeps.during('/b', () => Promise.reject(new Error('no such model')), never));
    assert.deepEqual(await new StartingSweeps(keeper).takeLost(), []);
  });

  it('are kept for the next window when this one goes, and told once', async () => {
    const keeper = memory();
    const sweeps = new StartingSweeps(keeper);
    let end: (error: Error) => void = () => undefined;
    const starting = sweeps.during(
      '/a',
      () => new Promise<never>((_, reject) => (end = reject)),
      () => true,
      7,
    );
    await new Promise((resolve) => setImmediate(resolve));
    // They are nobody's to take while they are started here.
    assert.deepEqual(await sweeps.takeLost(), []);
    end(new Error('the server was stopped'));
    await assert.rejects(starting);
    const next = new StartingSweeps(keeper);
    assert.deepEqual(await next.takeLost(), [{ file: '/a', time: 7 }]);
    assert.deepEqual(await next.takeLost(), []);
  });
});
