import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { RankscopeError } from '../../../../../server/protocol/errors.ts';
import type { RunRecord } from '../../../../../server/runs/runRecord.ts';
import { RunStore } from '../../../../../server/runs/runStore.ts';
import { linkedServer, type LinkedServer } from '../../linkedServer.ts';
import { sampleMetrics, sampleRecord, temporaryFolder } from '../../../runs/sampleRun.ts';
import { until } from '../../../../until.ts';
import { fakeEngine, writtenRun, type FakeEngine } from '../runFixture.ts';
import { startedHere } from '../../../../../server/lsp/runs/ownership/startedHere.ts';
import { runsClient } from '../runsClient.ts';

/** Of no process: Linux gives out none above 2^22. */
const deadOwner = JSON.stringify({ pid: 2 ** 30, host: hostname() });
const livingOwner = JSON.stringify({ pid: process.pid, host: hostname() });

describe('runs that a server leaves', () => {
  const folder = temporaryFolder();
  const startedFolder = join(folder.path, 'started');
  const here = startedHere(startedFolder);
  const servers: LinkedServer[] = [];
  after(() => folder.remove());
  afterEach(() => servers.splice(0).forEach((server) => server.end()));

  /** A server with engines that begin a run and end it when they are told to. */
  async function start() {
    const stores: RunStore[] = [];
    const ends: ((metrics: typeof sampleMetrics) => void)[] = [];
    const go = async (store: RunStore, signal: AbortSignal) => {
      stores.push(store);
      const end = new Promise<typeof sampleMetrics>((resolve, reject) => {
        ends.push(resolve);
        signal.addEventListener('abort', () => reject(new RankscopeError({ code: 'cancelled', what: 'the test' })));
      });
      store.append({ type: 'started', run: 'r', arms: sampleRecord.arms });
      return end;
    };
    const engines: FakeEngine[] = [];
    const launchEngine = () => {
      const engine = fakeEngine({
        'sweep.start': async ({ run }, { emit, signal }) =>
          go(await RunStore.create(run, sampleRecord, { onEvent: emit }), signal),
        'sweep.resume': async ({ run }, { emit, signal }) => go(await RunStore.resume(run, { onEvent: emit }), signal),
        'sweep.pause': () => Promise.resolve(null),
        'sweep.resumeTraining': () => Promise.resolve(null),
      });
      engines.push(engine);
      return engine;
    };
    const server = linkedServer({ launchEngine, startedFolder });
    servers.push(server);
    await server.request('initialize', { processId: null, rootUri: null, capabilities: {} });
    return { server, client: runsClient(server), stores, ends, engines };
  }

  async function started(name: string) {
    const one = await start();
    const runs = join(folder.path, name);
    await mkdir(runs);
    const file = join(runs, 'a.sweep.json');
    await writeFile(file, '{}');
    const { run } = await one.client.request('run.start', { file, out: join(runs, 'run') });
    const mark = join(run, 'going.json');
    await until(() => existsSync(mark));
    return { ...one, runs, run, mark };
  }

  it('are marked while they go on, and not once they are finished', async () => {
    const { client, stores, ends, runs, mark } = await started('finished');
    assert.deepEqual(await client.request('runs.orphaned', { folders: [runs] }), []);
    await stores[0]?.finish(sampleMetrics);
    ends[0]?.(sampleMetrics);
    await until(() => !existsSync(mark));
  });

  it('are told to the next server after a shutdown, which goes on with them', async () => {
    const { server, stores, runs, run, mark } = await started('shutdown');
    await server.request('shutdown');
    await stores[0]?.abandon(new Error('the test'));
    assert.equal(existsSync(mark), true);
    const next = await start();
    const [left] = await next.client.request('runs.orphaned', { folders: [runs] });
    assert.deepEqual([left?.run, left?.isAbandoned], [run, true]);
    assert.ok(Math.abs((left?.time ?? 0) - Date.now()) < 60_000);
    await next.client.request('run.resume', { run });
    assert.deepEqual(await next.client.request('runs.orphaned', { folders: [runs] }), []);
    await until(async () => (await readFile(mark, 'utf8').catch(() => '')).includes(`"pid":${process.pid}`));
    await next.stores[0]?.finish(sampleMetrics);
    next.ends[0]?.(sampleMetrics);
    await until(() => !existsSync(mark));
  });

  it('are not those that somebody stopped, or paused', async () => {
    const stopped = await started('stopped');
    await stopped.client.request('run.cancel', { run: stopped.run });
    assert.equal(existsSync(stopped.mark), false);
    await stopped.stores[0]?.abandon(new RankscopeError({ code: 'cancelled', what: 'the test' }));
    await stopped.server.request('shutdown');
    const paused = await started('paused');
    await paused.client.request('run.pause', { run: paused.run });
    assert.equal(existsSync(paused.mark), false);
    await paused.client.request('run.continue', { run: paused.run });
    await until(() => existsSync(paused.mark));
    await paused.client.request('run.pause', { run: paused.run });
    await paused.server.request('shutdown');
    assert.equal(existsSync(paused.mark), false);
    const { client } = await start();
    assert.deepEqual(await client.request('runs.orphaned', { folders: [stopped.runs, paused.runs] }), []);
  });

  it('are not those whose engine died under a server that tells it', async () => {
    const { client, run, mark, stores, engines } = await started('died');
    engines[0]?.die();
    await stores[0]?.close();
    await until(() => !existsSync(mark));
    assert.deepEqual(await client.request('runs.orphaned', { folders: [run] }), []);
  });

  it('are known by the death of their server too, and waited for while it lives', async () => {
    const { store, path } = await writtenRun(join(folder.path, 'crashed'));
    await here.note(path);
    await writeFile(join(path, 'going.json'), livingOwner);
    const { client } = await start();
    const state = async () =>
      (await client.request('runs.orphaned', { folders: [path] })).map(({ isAbandoned }) => isAbandoned);
    assert.deepEqual(await state(), [false]);
    await writeFile(join(path, 'going.json'), deadOwner);
    assert.deepEqual(await state(), [true]);
    // Its engine still writes the checkpoint: the run goes on when that is done, and not before.
    let resumed = false;
    const resuming = client.request('run.resume', { run: path }).then(() => (resumed = true));
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(resumed, false);
    await store.close();
    await resuming;
    assert.deepEqual(await state(), []);
  });

  it('are none that came with a folder from elsewhere, whatever their mark says', async () => {
    const { store, path } = await writtenRun(join(folder.path, 'cloned'));
    await store.close();
    const { client } = await start();
    for (const mark of [deadOwner, '{"left":true}', '']) {
      await writeFile(join(path, 'going.json'), mark);
      assert.deepEqual(await client.request('runs.orphaned', { folders: [path] }), [], mark);
      assert.ok(existsSync(join(path, 'going.json')), 'it is left where it is');
    }
  });

  it('are none that were set going here and ask for something else now', async () => {
    const { store, path } = await writtenRun(join(folder.path, 'changed'));
    await store.close();
    await here.note(path);
    await writeFile(join(path, 'going.json'), deadOwner);
    const { client } = await start();
    const left = async () => (await client.request('runs.orphaned', { folders: [path] })).length;
    assert.equal(await left(), 1);
    const record = JSON.parse(await readFile(join(path, 'run.json'), 'utf8')) as RunRecord;
    const judge = { kind: 'endpoint', url: 'https://elsewhere.example/collect' };
    await writeFile(join(path, 'run.json'), JSON.stringify({ ...record, sweep: { ...record.sweep, judge } }));
    assert.equal(await left(), 0);
    await writeFile(
      join(path, 'run.json'),
      JSON.stringify({ ...record, hashes: { ...record.hashes, generator: 'g' } }),
    );
    assert.equal(await left(), 1);
  });

  it('are no longer told once they have finished elsewhere', async () => {
    const run = await writtenRun(join(folder.path, 'elsewhere'));
    await here.note(run.path);
    await writeFile(join(run.path, 'going.json'), deadOwner);
    await run.finish();
    const { client } = await start();
    assert.deepEqual(await client.request('runs.orphaned', { folders: [run.path] }), []);
    assert.equal(existsSync(join(run.path, 'going.json')), false);
  });
});
