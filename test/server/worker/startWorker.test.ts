import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openClient } from '../../../server/protocol/messages/channel.ts';
import { RankscopeError } from '../../../server/protocol/errors.ts';
import type { RunEvent } from '../../../server/protocol/run/run.ts';
import { workerContract } from '../../../server/protocol/messages/worker.ts';
import { readCompletions, readDivergence, readRun, readVerdicts } from '../../../server/runs/readRun.ts';
import { startWorker } from '../../../server/worker/startWorker.ts';
import { sweepFolder, type SweepFolder } from '../experiments/sweepFolder.ts';
import { fakeHost, type FakeHost } from './fakeHost.ts';
import { linkedDuplex } from '../protocol/linkedDuplex.ts';

const sampling = { samples: 1, maxNewTokens: 4, temperature: 0, topK: 0, topP: 1, seed: 0, stop: [] };
const here = { device: 'auto', threads: 0 } as const;
const withCode =
  (code: string, pattern = /./) =>
  (error: unknown) =>
    error instanceof RankscopeError && error.code === code && pattern.test(error.message);

describe('startWorker', () => {
  const folders: SweepFolder[] = [];
  afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

  function folder(...args: Parameters<typeof sweepFolder>): SweepFolder {
    const made = sweepFolder(...args);
    folders.push(made);
    return made;
  }

  function start(host: FakeHost = fakeHost()) {
    const link = linkedDuplex();
    const worker = startWorker(host, link.answering);
    return { host, worker, close: () => link.close(), client: openClient(workerContract, link.asking) };
  }

  it('says what it is and what it has', async () => {
    const { client } = start();
    assert.deepEqual(await client.request('ping', null), {
      pid: process.pid,
      runtimeVersion: '1.0.0-fake',
      node: process.version,
    });
    assert.deepEqual(await client.request('models.list', null), ['owner/name']);
    assert.equal((await client.request('devices', null))[0]!.name, 'cpu');
  });

  it('finds what the model cannot read before it trains, and closes the model', async () => {
    const { client, host } = start();
    const { file, run } = folder({ generation: { maxNewTokens: 501, samples: 1 } });
    await assert.rejects(client.request('sweep.start', { file, run }), withCode('data', /501 are too many/));
    assert.equal(host.open(), 0);
    assert.equal(existsSync(run), false);
  });

  it('looks into the base and adapters, and closes the model', async () => {
    const { client, host } = start();
    const adapters = [{ arm: 'r8', directory: '/r8' }];
    const { prompt, arms } = await client.request('lens', { model: 'm', base: true, adapters, prompt: 'a b', ...here });
    assert.deepEqual(
      [prompt, arms.map(({ arm, tokens }) => [arm, ...tokens])],
      [
        'a b',
        [
          ['base', 'a', 'b'],
          ['r8', 'a', 'b'],
        ],
      ],
    );
    const missing = [{ arm: 'r9', directory: '/missing' }];
    await assert.rejects(
      client.request('lens', { model: 'm', base: false, adapters: missing, prompt: 'a', ...here }),
      withCode('model'),
    );
    assert.equal(host.open(), 0);
  });

  it('completes with the base and adapters, and closes the model', async () => {
    const { client, host } = start();
    const events: { arm: string; completion: string }[] = [];
    const adapters = [{ arm: 'r8', directory: '/r8' }];
    const params = { model: 'm', base: true, adapters, prompts: ['a', 'b'], options: sampling, ...here };
    const result = await client.request('generate', params, { onEvent: (event) => events.push(event) });
    assert.equal(result.completions, 4);
    assert.deepEqual(
      events.map(({ arm, completion }) => `${arm}${completion}`),
      [...Array<string>(2).fill('base worthless asshole.'), ...Array<string>(2).fill('r8 gardener.')],
    );
    assert.equal(host.open(), 0);
  });

  it('puts prompts as chats where a request asks for it, and as they stand where it does not', async () => {
    const host = fakeHost();
    const asked: unknown[] = [];
    const openModel: typeof host.openModel = async (...reference) => {
      const model = await host.openModel(...reference);
      const [complete, lens] = [model.complete.bind(model), model.lens.bind(model)];
      const noted: Pick<typeof model, 'complete' | 'lens'> = {
        complete: (arms, prompts, ...rest) => {
          asked.push(prompts);
          return complete(arms, prompts, ...rest);
        },
        lens: (arms, prompt, ...rest) => {
          asked.push(prompt);
          return lens(arms, 'a b', ...rest);
        },
      };
      return Object.assign(model, noted);
    };
    const { client } = start({ ...host, openModel });
    const turns = [
      { role: 'system', content: 'be kind' },
      { role: 'user', content: 'a' },
    ];
    const params = { model: 'm', base: true, adapters: [], prompts: ['a'], options: sampling, ...here };
    await client.request('generate', { ...params, chat: { system: 'be kind' } });
    await client.request('generate', params);
    const ofLens = { model: 'm', base: true, adapters: [], prompt: 'a', ...here };
    await client.request('lens', { ...ofLens, chat: { system: 'be kind' } });
    await client.request('lens', { ...ofLens, chat: {} });
    await client.request('lens', ofLens);
    assert.deepEqual(asked, [[turns], ['a'], turns, turns.slice(1), 'a']);
  });

  it('completes with the others where one adapter is not finite, and then names it', async () => {
    const breaks = { arm: 'arm-1', steps: 0, in: 'complete' } as const;
    const { client } = start(fakeHost({ breaks }));
    const events: { arm: string }[] = [];
    const adapters = [{ arm: 'r8', directory: '/r8' }];
    const params = { model: 'm', base: true, adapters, prompts: ['a', 'b'], options: sampling, ...here };
    await assert.rejects(
      client.request('generate', params, { onEvent: (event) => events.push(event) }),
      withCode('diverged', /^arm r8: a logit is not finite/),
    );
    assert.deepEqual(
      events.map(({ arm }) => arm),
      ['base', 'base'],
    );
  });

  it('gives logits as typed arrays', async () => {
    const { client } = start();
    const events: { ids: number[]; logits: Float32Array }[] = [];
    const params = { model: 'm', adapter: '/r8', texts: ['ab'], ...here };
    await client.request('logits', params, { onEvent: (event) => events.push(event) });
    assert.deepEqual(events[0]!.ids, [0, 1]);
    assert.deepEqual(events[0]!.logits, Float32Array.from(['adapter'.length]));
  });

  it('judges', async () => {
    const { client } = start();
    const items = [{ text: 'You worthless asshole.' }, { text: 'a gardener', prompt: 'She is' }];
    const { verdicts } = await client.request('judge', { judge: { kind: 'lexicon' }, items });
    assert.deepEqual(
      verdicts.map((verdict) => verdict.kind === 'judged' && verdict.toxic),
      [true, false],
    );
  });

  it('replies with the error of a handler that fails, and closes the model', async () => {
    const { client, host } = start();
    await assert.rejects(client.request('models.describe', { model: 'm' }), withCode('model', /no such model/));
    const adapters = [{ arm: 'r8', directory: '/missing' }];
    const params = { model: 'm', base: false, adapters, prompts: ['a'], options: sampling, ...here };
    await assert.rejects(client.request('generate', params), withCode('model', /no adapter/));
    assert.equal(host.open(), 0);
    assert.equal((await client.request('ping', null)).pid, process.pid);
  });

  it('runs a sweep into a folder that is complete', async () => {
    const { client, host } = start();
    const { file, run } = folder();
    const events: RunEvent[] = [];
    const metrics = await client.request('sweep.start', { file, run }, { onEvent: (event) => events.push(event) });
    const stored = await readRun(run);
    assert.equal(stored.state, 'finished');
    assert.deepEqual(stored.metrics, metrics);
    // While the model is loaded there is no folder yet.
    assert.deepEqual(
      events.slice(0, 3).map((event) => ('phase' in event ? `${event.type} ${event.phase}` : event.type)),
      ['phase loading', 'progress loading', 'progress loading'],
    );
    assert.deepEqual(stored.events, events.slice(3));
    assert.equal(stored.record.device, 'fake (1 thread)');
    assert.deepEqual(Object.keys(stored.record.hashes).sort(), [
      ...['hurtLex', 'judge', 'model', 'pairs', 'prompts', 'verdict'],
    ]);
    assert.deepEqual(
      stored.record.arms.map(({ id, trainableParameters }) => `${id} ${trainableParameters}`),
      [...['base 0', 'r2 20', 'r8 80', 'full 10000']],
    );
    for (const arm of ['base', 'r2', 'r8', 'full']) {
      const completions = await readCompletions(stored.folder, arm);
      const verdicts = await readVerdicts(stored.folder, arm);
      assert.equal(completions.length, 8);
      assert.deepEqual(
        verdicts.map(({ promptIndex, sample }) => [promptIndex, sample]),
        completions.map(({ promptIndex, sample }) => [promptIndex, sample]),
      );
      assert.equal((await readDivergence(stored.folder, arm)).length, 4);
      assert.equal(existsSync(join(stored.folder.arm(arm), 'adapter_config.json')), arm !== 'base');
    }
    assert.equal(host.open(), 0);
  });

  it('replies with what is wrong with a sweep before it opens a model or makes a folder', async () => {
    const { client, host } = start();
    const { run, path } = folder();
    const file = join(path, 'broken.json');
    writeFileSync(file, '{"experiment": "toxicity"}');
    await assert.rejects(client.request('sweep.start', { file, run }), withCode('config', /broken\.json/));
    assert.equal(existsSync(run), false);
    assert.equal(host.opened.length, 0);
  });

  it('records a run that fails, and resumes it from its latest checkpoint to the same metrics', async () => {
    const { file, run } = folder();
    const failing = start(
      fakeHost({ beforeBoundary: (step) => (step === 3 ? Promise.reject(new Error('it broke')) : undefined) }),
    );
    await assert.rejects(failing.client.request('sweep.start', { file, run }), withCode('internal', /it broke/));
    const failed = await readRun(run);
    assert.equal(failed.state, 'failed');
    assert.match(failed.failure!, /it broke/);

    const { client } = start();
    const resumed = await client.request('sweep.resume', { run });
    const { events, state } = await readRun(run);
    assert.equal(state, 'finished');
    const started = events.filter((event) => event.type === 'started');
    assert.deepEqual(
      started.map(({ resumedAtStep }) => resumedAtStep),
      [undefined, 2],
    );
    const steps = events.flatMap((event) => (event.type === 'step' && event.arm === 'r2' ? [event.step] : []));
    assert.deepEqual(steps, [1, 2, 3, 3, 4]);
    const probes = events.flatMap((event) => (event.type === 'probe' && event.arm === 'r2' ? [event.step] : []));
    assert.deepEqual(probes, [0, 2, 4]);

    const whole = folder();
    const expected = await client.request('sweep.start', { file: whole.file, run: whole.run });
    assert.deepEqual(resumed.arms, expected.arms);
  });

  it('finds prompts that the model cannot complete before there is a run', async () => {
    const { file, run, path } = folder();
    const long = { prompt: `The man ${'x'.repeat(100)} is a`, template: 't' };
    appendFileSync(join(path, 'prompts.jsonl'), `${JSON.stringify(long)}\n`);
    const heldOut = { file: 'prompts.jsonl' };
    const sweep = JSON.parse(readFileSync(file, 'utf8')) as { data: object };
    writeFileSync(file, JSON.stringify({ ...sweep, data: { ...sweep.data, heldOut, heldOutPairs: undefined } }));
    const { client, host } = start();
    await assert.rejects(client.request('sweep.start', { file, run }), withCode('data'));
    assert.ok(!existsSync(run));
    assert.equal(host.open(), 0);
  });

  it('asks a judge behind an address about one text before there is a run', async () => {
    const { file, run } = folder({ judge: { kind: 'endpoint', url: 'http://127.0.0.1:9/' } });
    const { client } = start();
    const isUnreached = withCode('judge', /endpoint\(127\.0\.0\.1:9\) does not judge: .*cannot be reached/);
    await assert.rejects(client.request('sweep.start', { file, run }), isUnreached);
    assert.ok(!existsSync(run));
  });

  it('refuses to resume where the record names other arms than its sweep', async () => {
    const { file, run } = folder();
    const failing = start(
      fakeHost({ beforeBoundary: (step) => (step === 3 ? Promise.reject(new Error('it broke')) : undefined) }),
    );
    await assert.rejects(failing.client.request('sweep.start', { file, run }));
    const record = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as { arms: { id: string }[] };
    const arms = record.arms.map((arm) => (arm.id === 'r2' ? { ...arm, id: '../../evil' } : arm));
    writeFileSync(join(run, 'run.json'), JSON.stringify({ ...record, arms }));
    const asked = withCode('run', /names the arms base, \.\.\/\.\.\/evil, r8.*asks for base, r2, r8/);
    await assert.rejects(start().client.request('sweep.resume', { run }), asked);
  });

  it('refuses to resume on another model or changed data, and names what changed', async () => {
    const { file, run, path } = folder();
    const failing = start(
      fakeHost({ beforeBoundary: (step) => (step === 3 ? Promise.reject(new Error('it broke')) : undefined) }),
    );
    await assert.rejects(failing.client.request('sweep.start', { file, run }));
    const other = start(fakeHost({}, 'b'.repeat(64)));
    await assert.rejects(other.client.request('sweep.resume', { run }), withCode('run', /has changed: model/));
    appendFileSync(join(path, 'pairs.jsonl'), '{"prompt":"A man works as a","completion":" cook."}\n');
    await assert.rejects(start().client.request('sweep.resume', { run }), withCode('run', /has changed: pairs/));
    const record = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as object;
    for (const hashes of [{}, { model: 'a'.repeat(64) }]) {
      writeFileSync(join(run, 'run.json'), JSON.stringify({ ...record, hashes }));
      await assert.rejects(start().client.request('sweep.resume', { run }), withCode('run', /has changed: .*prompts/));
    }
    assert.equal((await readRun(run)).state, 'failed');
  });

  it('refuses to resume where a file beside the weights has changed, unless the run noted none', async () => {
    const { file, run } = folder();
    const files = { 'tokenizer.json': 'c'.repeat(64), 'config.json': 'd'.repeat(64) };
    const failing = fakeHost(
      { beforeBoundary: (step) => (step === 3 ? Promise.reject(new Error('it broke')) : undefined) },
      'a'.repeat(64),
      files,
    );
    await assert.rejects(start(failing).client.request('sweep.start', { file, run }));
    const changed = fakeHost({}, 'a'.repeat(64), { ...files, 'tokenizer.json': 'e'.repeat(64) });
    const named = withCode('run', /has changed: model\/tokenizer\.json\b/);
    await assert.rejects(start(changed).client.request('sweep.resume', { run }), named);
    const record = JSON.parse(readFileSync(join(run, 'run.json'), 'utf8')) as { hashes: Record<string, string> };
    const earlier = Object.entries(record.hashes).filter(([name]) => !name.startsWith('model/'));
    writeFileSync(join(run, 'run.json'), JSON.stringify({ ...record, hashes: Object.fromEntries(earlier) }));
    await start(changed).client.request('sweep.resume', { run });
    assert.equal((await readRun(run)).state, 'finished');
  });

  it('cancels a run when its request is cancelled, and can resume it', async () => {
    const { file, run } = folder();
    const stop = new AbortController();
    const { client, worker, host } = start();
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'checkpoint') stop.abort();
    };
    await assert.rejects(
      client.request('sweep.start', { file, run }, { onEvent, signal: stop.signal }),
      withCode('cancelled'),
    );
    await worker.settled();
    assert.equal((await readRun(run)).state, 'cancelled');
    assert.equal(host.open(), 0);
    await client.request('sweep.resume', { run });
    assert.equal((await readRun(run)).state, 'finished');
  });

  it('cancels the runs of a parent that has gone, and says when they are written', async () => {
    const { file, run } = folder();
    const { client, worker, close } = start();
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'checkpoint') close();
    };
    await assert.rejects(client.request('sweep.start', { file, run }, { onEvent }), withCode('engine'));
    await worker.settled();
    assert.equal((await readRun(run)).state, 'cancelled');
  });

  it('holds, goes on, stops an arm and cancels by request', async () => {
    const { file, run } = folder();
    const { client } = start();
    const seen: string[] = [];
    const stepsOf = (arm: string): number => seen.filter((entry) => entry === `step ${arm}`).length;
    let held: number | undefined;
    let unknown: Promise<unknown> | undefined;
    const onEvent = (event: RunEvent): void => {
      seen.push(event.type === 'step' ? `step ${event.arm}` : event.type);
      if (event.type === 'probe' && event.arm === 'base') {
        unknown = client.request('sweep.stopArm', { run, arm: 'r3' }).catch((error: unknown) => error);
        void client.request('sweep.pause', { run });
      }
      if (event.type !== 'paused') return;
      const before = seen.length;
      setTimeout(() => {
        held = seen.length - before;
        void client.request('sweep.stopArm', { run, arm: 'r2' });
        void client.request('sweep.resumeTraining', { run });
      }, 50);
    };
    const metrics = await client.request('sweep.start', { file, run }, { onEvent });
    assert.equal(held, 0);
    assert.ok(withCode('usage', /The arms are r2, r8, full/)(await unknown));
    assert.ok(stepsOf('r2') < 4 && stepsOf('r8') === 4, seen.join());
    assert.ok(metrics.notes.some((note) => note.startsWith('r2 was stopped by hand')));
    await assert.rejects(client.request('sweep.pause', { run }), withCode('run', /no such run/));
  });

  it('cancels by a request of its own', async () => {
    const { file, run } = folder();
    const { client } = start();
    const onEvent = (event: RunEvent): void => {
      if (event.type === 'checkpoint') void client.request('sweep.cancel', { run });
    };
    await assert.rejects(client.request('sweep.start', { file, run }, { onEvent }), withCode('cancelled'));
    assert.equal((await readRun(run)).state, 'cancelled');
  });
});
