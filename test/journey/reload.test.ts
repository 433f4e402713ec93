import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RunUpdate } from '../../server/protocol/messages/runsContract.ts';
import { isAlive, readLock } from '../../server/runs/runLock.ts';
import { until } from '../until.ts';
import { demoSweep, isGone, startServer, stopServer, type LanguageServer } from './languageServer.ts';
import { jsonLines } from './rankscope.ts';

/** Enough to be met in the middle. */
const steps = 300;

describe('a sweep outlives its language server', () => {
  let folder = '';
  const servers: LanguageServer[] = [];
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'rankscope-reload-'))));
  after(async () => {
    for (const { child } of servers) if (!isGone(child)) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  async function start(): Promise<LanguageServer> {
    const server = await startServer();
    servers.push(server);
    return server;
  }

  const sweepFile = async (name: string): Promise<string> => {
    const sweep = demoSweep({
      arms: { ranks: [2], full: false, learningRate: 1e-3 },
      training: { steps, batchSize: 4, gradientAccumulation: 1, maxLength: 64 },
      evaluation: { resamples: 100 },
      checkpointEverySteps: 1000,
      threads: 1,
    });
    const file = path.join(folder, `${name}.sweep.json`);
    await writeFile(file, JSON.stringify(sweep));
    return file;
  };

  /** Whole lines alone: the last one may be being written. */
  const events = async (run: string) =>
    jsonLines((await readFile(path.join(run, 'events.jsonl'), 'utf8')).replace(/[^\n]*$/, ''));
  const trained = async (run: string) =>
    (await events(run)).filter(({ type, arm }) => type === 'step' && arm === 'r2').map(({ step }) => Number(step));

  async function beginAndTrain(name: string) {
    const server = await start();
    const { run } = await server.client.request('run.start', { file: await sweepFile(name) });
    await until(async () => existsSync(path.join(run, 'events.jsonl')) && (await trained(run)).length >= 5);
    const engine = await readLock(path.join(run, 'lock.json'));
    assert.ok(engine);
    return { server, run, engine };
  }

  /** Has the next server go on with the run that it finds left, and gives the step that it begins with. */
  async function goOn(run: string): Promise<number> {
    const server = await start();
    const { client } = server;
    let left = await client.request('runs.orphaned', { folders: [folder] });
    await until(async () =>
      (left = await client.request('runs.orphaned', { folders: [folder] })).some((one) => one.isAbandoned),
    );
    assert.deepEqual(
      left.map((one) => one.run),
      [run],
    );
    await client.request('run.resume', { run });
    let last: RunUpdate | undefined;
    await client.request('run.watch', { run, points: 100 }, { onEvent: (update) => (last = update) });
    assert.equal(last?.view.state, 'finished');
    assert.deepEqual(await client.request('runs.orphaned', { folders: [folder] }), []);
    await stopServer(server);
    return Number((await events(run)).findLast(({ type }) => type === 'started')?.resumedAtStep);
  }

  it('that is shut down: from a checkpoint of that moment, and leaves no process', async () => {
    const { server, run, engine } = await beginAndTrain('shutdown');
    await stopServer(server);
    await until(() => !isAlive(engine));
    const before = await trained(run);
    assert.ok(before.length < steps, 'it was not to finish');
    assert.equal(await goOn(run), before.at(-1));
    const all = await trained(run);
    assert.deepEqual(
      all,
      Array.from({ length: steps }, (_, i) => i + 1),
    );
  });

  it('that is killed: its engine writes a checkpoint and leaves by itself', async () => {
    const { server, run, engine } = await beginAndTrain('killed');
    server.child.kill('SIGKILL');
    await until(() => isGone(server.child));
    // Asked at once: the engine may still be writing.
    const from = await goOn(run);
    await until(() => !isAlive(engine));
    assert.ok(from >= 5 && from < steps, `${from}`);
    const all = await trained(run);
    assert.equal(all.length, steps);
  });
});
