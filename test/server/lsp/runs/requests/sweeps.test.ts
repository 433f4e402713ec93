import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Handlers } from '../../../../../server/protocol/messages/channel.ts';
import { RankscopeError } from '../../../../../server/protocol/errors.ts';
import type { RunView } from '../../../../../server/protocol/messages/runsContract.ts';
import type { WorkerContract } from '../../../../../server/protocol/messages/worker.ts';
import { RunStore } from '../../../../../server/runs/runStore.ts';
import { linkedServer, type LinkedServer } from '../../linkedServer.ts';
import { sampleMetrics, sampleRecord, temporaryFolder } from '../../../runs/sampleRun.ts';
import { until } from '../../../../until.ts';
import { fakeEngine, runWith, type FakeEngine, type WrittenRun } from '../runFixture.ts';
import { runsClient } from '../runsClient.ts';

/** What a test does with the sweep that its engine was asked for. */
interface Sweep {
  readonly run: WrittenRun;
  readonly asked: string[];
  /** Ends the request, after the run has been written so. */
  readonly done: (metrics?: typeof sampleMetrics) => void;
}

describe('sweeps of the editor', () => {
  const folder = temporaryFolder();
  const servers: LinkedServer[] = [];
  const engines: FakeEngine[] = [];
  after(() => folder.remove());
  afterEach(() => servers.splice(0).forEach((server) => server.end()));

  /** A server whose engines write runs as a test says. */
  async function start() {
    const sweeps: Sweep[] = [];
    const run = (open: () => Promise<RunStore>): Promise<typeof sampleMetrics> => {
      const asked: string[] = [];
      return new Promise((resolve, reject) => {
        open()
          .then((store) => {
            store.append({ type: 'started', run: 'r', arms: sampleRecord.arms });
            sweeps.push({ run: runWith(store), asked, done: (metrics = sampleMetrics) => resolve(metrics) });
          })
          .catch(reject);
      });
    };
    const note = (what: string) => {
      sweeps.at(-1)?.asked.push(what);
      return Promise.resolve(null);
    };
    const launchEngine = () => {
      const handlers: Partial<Handlers<WorkerContract>> = {
        'sweep.start': ({ run: path, file }, { emit, signal }) => {
          if (!existsSync(file)) throw new RankscopeError({ code: 'config', what: 'there is no such sweep file' });
          signal.addEventListener('abort', () => void note('cancelled'));
          return run(() => RunStore.create(path, sampleRecord, { onEvent: emit }));
        },
        'sweep.resume': ({ run: path }, { emit }) => run(() => RunStore.resume(path, { onEvent: emit })),
        'sweep.pause': () => note('pause'),
        'sweep.resumeTraining': () => note('continue'),
        'sweep.stopArm': ({ arm }) => note(`stop ${arm}`),
      };
      const engine = fakeEngine(handlers);
      engines.push(engine);
      return engine;
    };
    const server = linkedServer({ launchEngine });
    servers.push(server);
    await server.request('initialize', { processId: null, rootUri: null, capabilities: {} });
    return { client: runsClient(server), sweeps, server };
  }

  const sweepFile = async (name: string): Promise<string> => {
    await mkdir(join(folder.path, name));
    const file = join(folder.path, name, 'first.sweep.json');
    await writeFile(file, '{}');
    return file;
  };
  const watch = (client: Awaited<ReturnType<typeof start>>['client'], run: string) => {
    let view: RunView | undefined;
    const ended = client.request('run.watch', { run, points: 100 }, { onEvent: (update) => (view = update.view) });
    return { ended, view: () => view, state: () => view?.state };
  };

  it('starts a sweep beside its file, acts on it while it goes on, and hears its end', async () => {
    const { client, sweeps } = await start();
    const { run } = await client.request('run.start', { file: await sweepFile('acts') });
    assert.match(run, /acts[\\/]runs[\\/]first-\d{8}-\d{6}$/);
    const watched = watch(client, run);
    const [sweep] = sweeps;
    assert.ok(sweep);
    sweep.run.step('r2', 1);
    await until(() => watched.state() === 'running' && watched.view()?.arms[1]?.step === 1);
    await client.request('run.pause', { run });
    sweep.run.store.append({ type: 'paused', step: 1 });
    await until(() => watched.state() === 'paused');
    await client.request('run.continue', { run });
    await until(() => watched.state() === 'running');
    await client.request('run.stopArm', { run, arm: 'r2' });
    await until(() => watched.view()?.arms[1]?.state === 'stopped');
    assert.deepEqual(sweep.asked, ['pause', 'continue', 'stop r2']);
    await sweep.run.finish();
    sweep.done();
    await watched.ended;
    assert.equal(watched.state(), 'finished');
    const [summary] = await client.request('runs.list', { folders: [join(folder.path, 'acts'), '/not/there'] });
    assert.deepEqual([summary?.run, summary?.state], [run, 'finished']);
    await until(() => engines.at(-1)?.disposed() ?? false);
  });

  it('calls a run whose engine was killed interrupted, tells why, and resumes it', async () => {
    const { client, sweeps } = await start();
    const { run } = await client.request('run.start', { file: await sweepFile('killed') });
    const watched = watch(client, run);
    sweeps[0]?.run.step('r2', 1);
    await until(() => watched.view()?.arms[1]?.step === 1);
    engines.at(-1)?.die('the engine process was ended by SIGKILL');
    // The lock of a process that has died counts for nothing; here that process is this one.
    await sweeps[0]?.run.store.close();
    await watched.ended;
    assert.deepEqual(
      [watched.state(), watched.view()?.failure],
      ['interrupted', 'the engine process was ended by SIGKILL'],
    );
    await assert.rejects(client.request('run.pause', { run }), { code: 'run' });
    const listed = async () => (await client.request('runs.list', { folders: [run] })).map(({ state }) => state);
    assert.deepEqual([await listed(), await listed()], [['interrupted'], ['interrupted']]);
    await client.request('run.resume', { run });
    const again = watch(client, run);
    await until(() => again.state() === 'running');
    assert.deepEqual(await listed(), ['running']);
    await sweeps[1]?.run.finish();
    sweeps[1]?.done();
    await again.ended;
    assert.equal(again.state(), 'finished');
    assert.equal(again.view()?.failure, undefined);
    assert.deepEqual([await listed(), await listed()], [['finished'], ['finished']]);
  });

  it('answers a start that fails with what is wrong, and starts no second run in a folder', async () => {
    const { client, sweeps } = await start();
    await assert.rejects(client.request('run.start', { file: '/not/there.json', out: join(folder.path, 'none') }), {
      code: 'config',
    });
    const file = await sweepFile('twice');
    const out = join(folder.path, 'twice', 'out');
    await client.request('run.start', { file, out });
    await assert.rejects(client.request('run.start', { file, out }), { code: 'run' });
    await assert.rejects(client.request('run.resume', { run: out }), { code: 'run' });
    assert.equal(sweeps.length, 1);
    sweeps[0]?.done();
    await sweeps[0]?.run.finish();
  });

  it('ends what goes on when the server is shut down', async () => {
    const { client, server } = await start();
    await client.request('run.start', { file: await sweepFile('shutdown') });
    const engine = engines.at(-1);
    await server.request('shutdown');
    assert.equal(engine?.disposed(), true);
  });

  it('keeps the text of a run name to what every file system takes', async () => {
    const { client, sweeps } = await start();
    await mkdir(join(folder.path, 'named'));
    const file = join(folder.path, 'named', 'ränks & more.json');
    await writeFile(file, '{}');
    const { run } = await client.request('run.start', { file });
    assert.match(run, /r-nks-more-\d{8}-\d{6}$/);
    assert.match(await readFile(join(run, 'run.json'), 'utf8'), /"id": "sample"/);
    sweeps[0]?.done();
    await sweeps[0]?.run.finish();
  });
});
