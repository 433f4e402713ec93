import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs, {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { mock } from 'node:test';
import { RankscopeError } from '../../../server/protocol/errors.ts';
import { checkedId, runPath } from '../../../server/runs/runFolder.ts';
import { listRuns, readArmMetrics, readCompletions, readRun } from '../../../server/runs/readRun.ts';
import { isStoredCompletion } from '../../../server/protocol/run/runChecks.ts';
import type { RunEvent } from '../../../server/protocol/run/run.ts';
import { RunStore, type NewEvent } from '../../../server/runs/runStore.ts';
import { sampleMetrics, sampleRecord, temporaryFolder } from './sampleRun.ts';

const started: NewEvent = { type: 'started', run: 'sample', arms: sampleRecord.arms };
const code =
  (expected: string, pattern = /./) =>
  (error: unknown) => {
    assert.ok(error instanceof RankscopeError, String(error));
    assert.equal(error.code, expected);
    assert.match(error.message, pattern);
    assert.ok(error.details.remedy, 'it says what to do');
    return true;
  };

/** The pid of a process that has ended. */
const deadPid = () => spawnSync(process.execPath, ['-e', '0']).pid;

describe('RunStore', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let run: string;
  beforeEach(() => {
    folder = temporaryFolder();
    run = join(folder.path, 'sample');
  });
  afterEach(() => folder.remove());

  /** A run whose process has died: everything written, the lock a dead process's. */
  async function abandoned(events: NewEvent[] = [started]): Promise<void> {
    const store = await RunStore.create(run, sampleRecord);
    events.forEach((event) => store.append(event));
    await store.close();
    writeFileSync(join(run, 'lock.json'), JSON.stringify({ pid: deadPid(), host: hostname() }));
  }

  it('is running while its writer lives and finished once its metrics stand', async () => {
    const store = await RunStore.create(run, sampleRecord);
    store.append(started);
    assert.equal((await readRun(run)).state, 'running');
    await store.finish(sampleMetrics);
    const read = await readRun(run);
    assert.equal(read.state, 'finished');
    assert.deepEqual(read.metrics, sampleMetrics);
    assert.deepEqual(read.record, sampleRecord);
    assert.deepEqual(
      read.events.map(({ type }) => type),
      ['started', 'finished'],
    );
    assert.deepEqual(readdirSync(run).sort(), ['events.jsonl', 'metrics.json', 'run.json', 'sweep.json']);
  });

  it('hands every stored event to its listener as stored', async () => {
    const seen: unknown[] = [];
    const store = await RunStore.create(run, sampleRecord, { onEvent: (event) => seen.push(event) });
    store.append(started);
    store.append({ type: 'warning', message: 'é\n"' });
    await store.close();
    const lines = readFileSync(join(run, 'events.jsonl'), 'utf8').trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => JSON.parse(line) as unknown),
      seen,
    );
  });

  it('refuses a second writer, also one of the same process', async () => {
    const store = await RunStore.create(run, sampleRecord);
    await assert.rejects(RunStore.resume(run), code('run', new RegExp(`process ${process.pid}`)));
    await store.close();
    await (await RunStore.resume(run)).close();
  });

  it('takes over from a dead process, and from a pid that now belongs to another process', async () => {
    await abandoned();
    assert.equal((await readRun(run)).state, 'interrupted');
    await (await RunStore.resume(run)).close();
    writeFileSync(join(run, 'lock.json'), JSON.stringify({ pid: process.pid, host: hostname(), processStart: '1' }));
    await (await RunStore.resume(run)).close();
    writeFileSync(join(run, 'lock.json'), 'torn {');
    await (await RunStore.resume(run)).close();
  });

  it('never takes over from another machine', async () => {
    await abandoned();
    writeFileSync(join(run, 'lock.json'), JSON.stringify({ pid: 1, host: 'elsewhere' }));
    await assert.rejects(RunStore.resume(run), code('run', /elsewhere/));
  });

  it('lets only one of many concurrent writers in', async () => {
    await abandoned();
    const outcomes = await Promise.allSettled([1, 2, 3, 4, 5, 6].map(() => RunStore.resume(run)));
    const won = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    assert.equal(won.length, 1);
    await won[0]!.value.close();
  });

  it('does not start in a folder that holds anything, and says so', async () => {
    await abandoned();
    await assert.rejects(RunStore.create(run, sampleRecord), code('run', /a run already/));
    const other = join(folder.path, 'other');
    mkdirSync(other);
    writeFileSync(join(other, 'thesis.tex'), '');
    await assert.rejects(RunStore.create(other, sampleRecord), code('run', /not empty/));
  });

  it('is failed or cancelled by its last word, and can be resumed', async () => {
    const store = await RunStore.create(run, sampleRecord);
    store.append(started);
    await store.abandon(new RankscopeError({ code: 'memory', what: 'out of memory' }));
    const failed = await readRun(run);
    assert.deepEqual([failed.state, failed.failure], ['failed', 'out of memory']);
    const again = await RunStore.resume(run);
    again.append(started);
    assert.equal((await readRun(run)).state, 'running');
    await again.abandon(new RankscopeError({ code: 'cancelled', what: 'cancelled' }));
    assert.equal((await readRun(run)).state, 'cancelled');
  });

  it('refuses to resume a finished run', async () => {
    await (await RunStore.create(run, sampleRecord)).finish(sampleMetrics);
    await assert.rejects(RunStore.resume(run), code('run', /finished/));
  });

  it('ignores a torn last event, and cuts it off before it goes on', async () => {
    await abandoned();
    appendFileSync(join(run, 'events.jsonl'), '{"time":1,"type":"chec');
    assert.equal((await readRun(run)).events.length, 1);
    const store = await RunStore.resume(run);
    store.append({ type: 'checkpoint', step: 4 });
    await store.close();
    assert.deepEqual(
      (await readRun(run)).events.map(({ type }) => type),
      ['started', 'checkpoint'],
    );
  });

  it('is not finished by half-written or foreign metrics', async () => {
    await abandoned();
    writeFileSync(join(run, 'metrics.json.writing-1'), JSON.stringify(sampleMetrics));
    assert.equal((await readRun(run)).state, 'interrupted');
    writeFileSync(join(run, 'metrics.json'), '{"version":1,"arms"');
    await assert.rejects(readRun(run), code('run', /metrics\.json/));
  });

  it('keeps the latest complete checkpoint and the one before it', async () => {
    const store = await RunStore.create(run, sampleRecord);
    assert.equal(await store.latestCheckpoint(), undefined);
    for (const step of [5, 10]) {
      await store.saveCheckpoint(step, (directory) => writeFile(join(directory, 'state'), `${step}`));
    }
    const fail = store.saveCheckpoint(15, (directory) => {
      writeFileSync(join(directory, 'state'), 'half');
      return Promise.reject(new RankscopeError({ code: 'engine', what: 'no' }));
    });
    await assert.rejects(fail, /no/);
    const latest = await store.latestCheckpoint();
    assert.equal(latest?.step, 10);
    assert.equal(readFileSync(join(latest.directory, 'state'), 'utf8'), '10');
    assert.deepEqual(
      readdirSync(join(run, 'checkpoints'))
        .map((name) => name.replace(/^c\d+-/, ''))
        .sort(),
      ['latest', 'step-10', 'step-5'].sort(),
    );
    await store.close();
  });

  describe('with a damaged checkpoint', () => {
    const save = async (store: RunStore, step: number): Promise<string> => {
      let name = '';
      await store.saveCheckpoint(step, async (directory) => {
        await writeFile(join(directory, 'r2.safetensors'), `weights of ${step}`);
        name = directory;
      });
      return join(run, 'checkpoints', basename(name).replace(/\.writing-.*$/, ''));
    };
    const faults: readonly [string, (checkpoint: string) => void][] = [
      ['a flipped byte', (at) => writeFileSync(join(at, 'r2.safetensors'), 'weights of 9')],
      ['zeros', (at) => writeFileSync(join(at, 'r2.safetensors'), Buffer.alloc(12))],
      ['a cut file', (at) => writeFileSync(join(at, 'r2.safetensors'), '')],
      ['a lost file', (at) => rmSync(join(at, 'r2.safetensors'))],
      ['one file more', (at) => writeFileSync(join(at, 'x'), '')],
      ['lost digests', (at) => rmSync(join(at, 'digests.json'))],
    ];
    for (const [what, damage] of faults) {
      it(`goes on from the one before it after ${what}, and says so`, async () => {
        const store = await RunStore.create(run, sampleRecord);
        await save(store, 2);
        const last = await save(store, 4);
        assert.equal((await store.latestCheckpoint())?.step, 4);
        await store.close();
        damage(last);
        const warned: string[] = [];
        const onEvent = (event: RunEvent): void => {
          if (event.type === 'warning') warned.push(event.message);
        };
        const again = await RunStore.resume(run, { onEvent });
        assert.equal((await again.latestCheckpoint())?.step, 2);
        assert.equal((await again.latestCheckpoint())?.step, 2);
        assert.equal(warned.length, 1);
        assert.match(warned[0] ?? '', /^The checkpoint of step 4 is damaged/);
        await again.close();
      });
    }

    for (const latest of ['', 'c999999-step-5', '../../x', '\0']) {
      it(`goes on from the newest where latest is ${JSON.stringify(latest)}, and says so`, async () => {
        const store = await RunStore.create(run, sampleRecord);
        await save(store, 2);
        await save(store, 4);
        await store.close();
        writeFileSync(join(run, 'checkpoints', 'latest'), latest);
        const warned: string[] = [];
        const onEvent = (event: RunEvent): void => {
          if (event.type === 'warning') warned.push(event.message);
        };
        const again = await RunStore.resume(run, { onEvent });
        assert.equal((await again.latestCheckpoint())?.step, 4);
        assert.deepEqual(warned, ['checkpoints/latest names none of the checkpoints that are there.']);
        await again.close();
      });
    }
  });

  it('writes nothing more once its folder was removed, or made again by another run', async () => {
    const writes: readonly ((store: RunStore) => unknown)[] = [
      (store) => store.append(started),
      (store) => store.saveCheckpoint(2, (directory) => writeFile(join(directory, 'state'), '')),
      (store) => store.writeArm('r2', () => Promise.resolve()),
      (store) => store.writeArmLines('r2', 'completions', []),
      (store) => store.writeArmMetrics(sampleMetrics.arms[0]!),
      (store) => store.writeStage('pairs', []),
      (store) => store.noteModel('generator', { hash: 'g', fileHashes: {} }),
      (store) => store.finish(sampleMetrics),
    ];
    const attempt = async (write: (store: RunStore) => unknown, store: RunStore): Promise<void> => {
      await write(store);
    };
    for (const write of writes) {
      const store = await RunStore.create(run, sampleRecord);
      rmSync(run, { recursive: true });
      await assert.rejects(attempt(write, store), code('run', /was removed/));
      assert.ok(!existsSync(run));
      const other = await RunStore.create(run, sampleRecord);
      const before = readdirSync(run, { recursive: true }).sort();
      await assert.rejects(attempt(write, store), code('run', /was replaced/));
      await store.abandon(new Error('the test'));
      assert.deepEqual(readdirSync(run, { recursive: true }).sort(), before);
      await other.close();
      rmSync(run, { recursive: true });
    }
  });

  it('passes over a checkpoint that was being written when the process died', async () => {
    await abandoned();
    const half = join(run, 'checkpoints', 'c000002-step-9.writing-77');
    mkdirSync(half, { recursive: true });
    const store = await RunStore.resume(run);
    assert.equal(await store.latestCheckpoint(), undefined);
    assert.ok(!existsSync(half));
    await store.close();
  });

  it("keeps an arm's weights, lines and metrics together, replacing them when written again", async () => {
    const store = await RunStore.create(run, sampleRecord);
    const line = { promptIndex: 0, prompt: 'the woman', sample: 0, completion: ' reads', tokens: [1, 2] };
    await store.writeArmLines('r2', 'completions', [line]);
    for (const content of ['old', 'new']) {
      await store.writeArm('r2', (dir) => writeFile(join(dir, 'adapter_model.safetensors'), content));
    }
    await store.writeArmMetrics(sampleMetrics.arms[1]!);
    assert.deepEqual(readdirSync(join(run, 'arms', 'r2')).sort(), [
      'adapter_model.safetensors',
      'completions.jsonl',
      'digests.json',
      'metrics.json',
    ]);
    assert.equal(readFileSync(join(run, 'arms', 'r2', 'adapter_model.safetensors'), 'utf8'), 'new');
    assert.deepEqual(await readCompletions(store.folder, 'r2'), [line]);
    assert.deepEqual(await readArmMetrics(store.folder, 'r2'), sampleMetrics.arms[1]);
    await store.close();
  });

  it('remembers the result of a stage and refuses a damaged one', async () => {
    const store = await RunStore.create(run, sampleRecord);
    assert.equal(await store.readStage('base-completions', isStoredCompletion), undefined);
    await store.writeStage('base-completions', []);
    assert.deepEqual(await store.readStage('base-completions', isStoredCompletion), []);
    await store.writeStage('base-completions', [{ promptIndex: 'x' }]);
    await assert.rejects(
      store.readStage('base-completions', isStoredCompletion),
      code('run', /base-completions\.jsonl:1/),
    );
    await store.close();
  });

  it('reports a disk too full for an event, and the run does not look finished', async () => {
    await abandoned();
    const store = await RunStore.resume(run);
    const full = mock.method(fs, 'writeSync', () => {
      throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
    });
    syncBuiltinESMExports();
    try {
      assert.throws(() => store.append(started), code('disk', /full \(ENOSPC\).*Free some/));
      await store.abandon(new RankscopeError({ code: 'disk', what: 'no room' }));
    } finally {
      full.mock.restore();
      syncBuiltinESMExports();
    }
    assert.ok(!existsSync(join(run, 'metrics.json')));
    assert.ok(!existsSync(join(run, 'lock.json')));
  });

  describe('in a folder that came from elsewhere', () => {
    const secret = 'precious\nlast line without end';
    let outside: string;
    beforeEach(() => {
      outside = join(folder.path, 'outside');
      mkdirSync(outside);
      writeFileSync(join(outside, 'file'), secret);
      writeFileSync(join(outside, 'x.writing-3'), secret);
      writeFileSync(join(outside, 'c000009-step-4'), secret);
    });

    const links = [
      ...['.reserve', 'events.jsonl', 'sweep.json', 'run.json', 'lens.jsonl', 'checkpoints/latest'],
      ...['events.jsonl.writing-1', 'arms/r2/metrics.json'],
    ].map((place) => [place, 'file'] as const);
    const folders = ['arms/r2', 'checkpoints', 'more', 'a/deep/link'].map((place) => [place, ''] as const);
    for (const [place, target] of [...links, ...folders]) {
      it(`goes on through no link at ${place}`, async () => {
        await abandoned();
        const at = join(run, place);
        rmSync(at, { recursive: true, force: true });
        mkdirSync(dirname(at), { recursive: true });
        symlinkSync(join(outside, target), at);
        await assert.rejects(
          RunStore.resume(run),
          (error) => error instanceof RankscopeError && error.message.includes('link'),
        );
        assert.deepEqual(readdirSync(outside).sort(), ['c000009-step-4', 'file', 'x.writing-3']);
        for (const name of readdirSync(outside)) assert.equal(readFileSync(join(outside, name), 'utf8'), secret);
      });
    }

    it('is not led around in circles by a link to itself', async () => {
      await abandoned();
      symlinkSync('.', join(run, 'loop'));
      symlinkSync('.', join(run, 'loop2'));
      await assert.rejects(RunStore.resume(run), code('run', /holds a link/));
    });

    it('reads no device in the place of its metrics', async function () {
      if (process.platform === 'win32') this.skip();
      await abandoned();
      symlinkSync('/dev/zero', join(run, 'metrics.json'));
      await assert.rejects(readRun(run), code('disk', /it is a link/));
    });
  });

  it('is not finished when the disk has no room for its metrics', async () => {
    const store = await RunStore.create(run, sampleRecord);
    mkdirSync(join(run, 'metrics.json'));
    writeFileSync(join(run, 'metrics.json', 'x'), '');
    await assert.rejects(store.finish(sampleMetrics), code('disk', /metrics\.json/));
    await store.abandon(new RankscopeError({ code: 'disk', what: 'no room' }));
    rmSync(join(run, 'metrics.json'), { recursive: true });
    assert.equal((await readRun(run)).state, 'failed');
  });

  it('reports a path that cannot be a folder', async () => {
    writeFileSync(join(folder.path, 'file'), '');
    await assert.rejects(RunStore.create(join(folder.path, 'file', 'run'), sampleRecord), code('disk', /ENOTDIR/));
  });

  it('says when there is no run, or its record is damaged', async () => {
    await assert.rejects(readRun(run), code('run', /no run here/));
    await abandoned();
    writeFileSync(join(run, 'run.json'), JSON.stringify({ ...sampleRecord, version: 7 }));
    await assert.rejects(readRun(run), code('run', /run\.json: version/));
  });

  it('lists runs newest first', async () => {
    for (const name of ['a', 'b']) await (await RunStore.create(join(folder.path, name), sampleRecord)).close();
    mkdirSync(join(folder.path, 'none'));
    assert.deepEqual(await listRuns(folder.path), [join(folder.path, 'b'), join(folder.path, 'a')]);
    assert.deepEqual(await listRuns(join(folder.path, 'missing')), []);
  });
});

describe('ids of runs and arms', () => {
  it('cannot leave the folder', () => {
    for (const id of ['..', '.', '../x', 'a/b', 'a\\b', '', '.hidden', 'a'.repeat(101), 'nul\0', 'x.']) {
      assert.throws(() => checkedId(id), code('usage'), id);
    }
    assert.throws(() => runPath('/runs', '../etc'), code('usage'));
    assert.equal(runPath('/runs', 'r8-s1-lr5e-5'), '/runs/r8-s1-lr5e-5');
  });
});
