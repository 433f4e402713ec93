import assert from 'node:assert/strict';
import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { engineEntry } from '../../../server/launch/engineEntry.ts';
import { launchEngine, type EngineProcess, type LaunchOptions } from '../../../server/launch/localProcess.ts';
import { RankscopeError } from '../../../server/protocol/errors.ts';

const smallWorker = resolve('test/server/launch/smallWorker.mts');

const withCode = (code: string, pattern: RegExp) => (error: unknown) => {
  assert.ok(error instanceof RankscopeError, String(error));
  assert.equal(error.code, code);
  assert.match(error.message, pattern);
  return true;
};

describe('the engine as a process', () => {
  const running: EngineProcess[] = [];
  const launch = (options: Partial<LaunchOptions> = {}): EngineProcess => {
    const engine = launchEngine({ entry: smallWorker, execArgv: ['--import', 'tsx'], ...options });
    running.push(engine);
    return engine;
  };
  const open = (engine: EngineProcess, model: string) =>
    engine.client.request('logits', { model, texts: ['four'], device: 'cpu', threads: 0 });

  afterEach(async () => {
    await Promise.all(running.splice(0).map((engine) => engine.dispose()));
  });

  it('answers from another process, with typed arrays as such', async () => {
    const engine = launch();
    const { pid } = await engine.client.request('ping', null);
    assert.equal(pid, engine.pid);
    assert.notEqual(pid, process.pid);
    const seen: Float32Array[] = [];
    await engine.client.request(
      'logits',
      { model: 'small', texts: ['four', 'seven'], device: 'cpu', threads: 0 },
      { onEvent: ({ logits }) => seen.push(logits) },
    );
    assert.deepEqual(seen, [Float32Array.of(4, 0.5, -Infinity), Float32Array.of(5, 0.5, -Infinity)]);
  });

  it('carries a handler that throws across the border as an error, and goes on', async () => {
    const engine = launch();
    await assert.rejects(engine.client.request('models.list', null), withCode('internal', /unforeseen/));
    assert.equal((await engine.client.request('devices', null)).length, 1);
  });

  it('says what killed it, its last words and that the run can be resumed', async () => {
    const engine = launch();
    await assert.rejects(open(engine, 'dies'), withCode('engine', /SIGKILL.*native library aborted.*resume/));
    await assert.rejects(engine.client.request('ping', null), withCode('engine', /SIGKILL/));
    assert.match((await engine.exited).what, /SIGKILL/);
  });

  it('says with which status it left', async () => {
    await assert.rejects(open(launch(), 'exits'), withCode('engine', /exited with status 7/));
  });

  it('fails the requests of a process that cannot start', async () => {
    const engine = launch({ entry: resolve('test/server/launch/missing.mts') });
    await assert.rejects(engine.client.request('ping', null), withCode('engine', /status 1.*ERR_MODULE_NOT_FOUND/));
  });

  it('forwards what the engine logs, line by line', async () => {
    const lines: string[] = [];
    const engine = launch({ onLog: (line) => lines.push(line) });
    await engine.client.request('ping', null);
    await engine.dispose();
    assert.deepEqual(lines, ['ready']);
  });

  it('lets the engine leave by itself when disposed, and fails what was open', async () => {
    // Long enough to tell: an engine that had to be killed would outlast the test.
    const engine = launch({ graceMilliseconds: 3_600_000 });
    const waiting = assert.rejects(open(engine, 'hangs'), withCode('engine', /was stopped/));
    await engine.client.request('ping', null);
    await engine.dispose();
    await waiting;
  });

  it('kills an engine that does not leave', async () => {
    const engine = launch({ graceMilliseconds: 200, env: { ...process.env, SMALL_WORKER_STAYS: '1' } });
    await engine.client.request('ping', null);
    await engine.dispose();
    assert.throws(() => process.kill(engine.pid ?? 0, 0), /ESRCH/);
  });
});

describe('the entry of the engine process', () => {
  it('is its source in a working copy that runs from source', () => {
    const { entry, execArgv } = engineEntry(resolve('server/cli/main.ts'));
    assert.equal(entry, resolve('server/worker/main.ts'));
    assert.deepEqual(execArgv, ['--import', 'tsx']);
  });

  it('leaves when its parent goes, though nobody kills it', async () => {
    const { entry, execArgv } = engineEntry(resolve('server/cli/main.ts'));
    const child = fork(entry, [], {
      execArgv: [...(execArgv ?? [])],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.send({ tag: 'request', id: 1, method: 'ping', params: null });
    const died = once(child, 'exit').then(() => assert.fail('it ended before it answered'));
    const [answer] = (await Promise.race([once(child, 'message'), died])) as [{ tag: string; id: number }];
    assert.deepEqual([answer.tag, answer.id], ['reply', 1]);
    child.disconnect();
    assert.deepEqual(await once(child, 'exit'), [0, null]);
  });

  it('leaves what Ctrl-C means to its parent, though the terminal tells both', async () => {
    const engine = launchEngine(engineEntry(resolve('server/cli/main.ts')));
    const { pid } = await engine.client.request('ping', null);
    process.kill(pid, 'SIGINT');
    assert.equal((await engine.client.request('ping', null)).pid, pid);
    await engine.dispose();
  });

  it('says so when it is started by hand', () => {
    const { entry, execArgv } = engineEntry(resolve('server/cli/main.ts'));
    const { status, stderr } = spawnSync(process.execPath, [...(execArgv ?? []), entry], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(stderr, /started by Rankscope, not by hand/);
  });
});
