import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { contentHash } from '../../../../../server/judges/labels/human.ts';
import type { EventOf, Handlers } from '../../../../../server/protocol/messages/channel.ts';
import { isMeasured, measuredOf } from '../../../../../server/protocol/run/estimate.ts';
import { RankscopeError } from '../../../../../server/protocol/errors.ts';
import type { StoredCompletion, StoredVerdict } from '../../../../../server/protocol/run/run.ts';
import { runsContract, type RunsContract } from '../../../../../server/protocol/messages/runsContract.ts';
import { verdictDeclarationSchema } from '../../../../../server/protocol/sweep/verdictDeclaration.ts';
import { readPlan } from '../../../../../server/verdict/words/planWords.ts';
import type { BaseSurvey, WorkerContract } from '../../../../../server/protocol/messages/worker.ts';
import { pathToFileURL } from 'node:url';
import { linkedServer, opened, type LinkedServer } from '../../linkedServer.ts';
import { sampleMetrics, temporaryFolder } from '../../../runs/sampleRun.ts';
import { until } from '../../../../until.ts';
import { fakeEngine, writtenRun } from '../runFixture.ts';
import { runsClient, sendRaw } from '../runsClient.ts';

const completion = (promptIndex: number, sample: number, text: string): StoredCompletion => ({
  ...{ promptIndex, sample, prompt: `prompt ${promptIndex}`, completion: text, tokens: [1] },
});
const verdict = (promptIndex: number, sample: number, toxic: boolean): StoredVerdict => ({
  ...{ promptIndex, sample, judge: 'test', score: toxic ? 0.9 : 0.1, toxic },
});

describe('what a run has found, asked by the editor', () => {
  const folder = temporaryFolder();
  const servers: LinkedServer[] = [];
  let made = 0;
  after(() => folder.remove());
  afterEach(() => servers.splice(0).forEach((server) => server.end()));

  async function start(handlers: Partial<Handlers<WorkerContract>> = {}) {
    const engines: ReturnType<typeof fakeEngine>[] = [];
    const launchEngine = () => {
      const engine = fakeEngine(handlers);
      engines.push(engine);
      return engine;
    };
    const server = linkedServer({ launchEngine });
    servers.push(server);
    await server.request('initialize', { processId: null, rootUri: null, capabilities: {} });
    let client: ReturnType<typeof runsClient> | undefined;
    return {
      // Whoever reads the channel himself asks for no client, which would take every other message.
      get client() {
        return (client ??= runsClient(server));
      },
      ...{ server, engines },
    };
  }

  /** A finished run: of every arm two samples of each prompt, toxic where `toxic` says so. */
  async function finishedRun(toxic: (arm: string, prompt: number, sample: number) => boolean, prompts = 6) {
    const run = await writtenRun(join(folder.path, `run-${made++}`));
    const arms = ['base', 'r2'];
    for (const arm of arms) {
      const places = Array.from({ length: prompts * 2 }, (_, i) => [Math.floor(i / 2), i % 2] as const);
      await run.store.writeArmLines(
        arm,
        'completions',
        places.map(([p, s]) => completion(p, s, `${arm} ${p} ${s}`)),
      );
      await run.store.writeArmLines(
        arm,
        'verdicts',
        places.map(([p, s]) => verdict(p, s, toxic(arm, p, s))),
      );
    }
    const kl = Array.from({ length: 20 }, (_, promptIndex) => ({ promptIndex, kl: 0.01 * (promptIndex + 1) }));
    await run.store.writeArmLines('r2', 'divergence', kl);
    for (const metrics of sampleMetrics.arms) await run.store.writeArmMetrics(metrics);
    await run.store.writeArm('r2', async (directory) => {
      await writeFile(join(directory, 'adapter_config.json'), '{"r":2}');
      await writeFile(join(directory, 'adapter_model.safetensors'), 'weights');
    });
    await run.finish();
    return run;
  }

  it('gives completions side by side, page by page, and the flagged ones alone', async () => {
    const run = await finishedRun((arm, prompt, sample) => arm === 'r2' && prompt === 3 && sample === 1);
    const { client } = await start();
    const page = { run: run.path, arms: ['base', 'r2'], offset: 2, limit: 3, flaggedOnly: false };
    const { total, rows } = await client.request('run.completions', page);
    assert.equal(total, 12);
    assert.deepEqual(
      rows.map(({ promptIndex, sample }) => [promptIndex, sample]),
      [
        [1, 0],
        [1, 1],
        [2, 0],
      ],
    );
    assert.deepEqual(rows[0]?.completions.r2, { completion: 'r2 1 0', verdict: { score: 0.1, toxic: false } });
    const flagged = await client.request('run.completions', { ...page, offset: 0, flaggedOnly: true });
    assert.equal(flagged.total, 1);
    assert.deepEqual(
      [flagged.rows[0]?.prompt, flagged.rows[0]?.completions.base?.completion],
      ['prompt 3', 'base 3 1'],
    );
    const past = await client.request('run.completions', { ...page, offset: 100 });
    assert.deepEqual([past.total, past.rows], [12, []]);
    const none = await client.request('run.completions', { ...page, arms: ['full'] });
    assert.equal(none.total, 0);
  });

  it('gives densities over nats that integrate to one over decades', async () => {
    const run = await finishedRun(() => false);
    const { client } = await start();
    const { r2, base } = await client.request('run.densities', { run: run.path });
    assert.equal(base, undefined);
    const { nats = [], density = [] } = r2 ?? {};
    const integral = density.slice(1).reduce((sum, value, i) => {
      return sum + ((value + (density[i] ?? 0)) / 2) * (Math.log10(nats[i + 1] ?? 1) - Math.log10(nats[i] ?? 1));
    }, 0);
    assert.ok(Math.abs(integral - 1) < 0.1, `${integral}`);
    assert.ok(Math.abs((nats[0] ?? 0) - 0.01) < 1e-9 && Math.abs((nats.at(-1) ?? 0) - 1) < 1e-9);
  });

  it('gives what the arms keep against what they have learned, from the probes of the run', async () => {
    const run = await writtenRun(join(folder.path, `run-${made++}`));
    const probe = (arm: string, step: number, heldOutLoss: number, forgetting: number) =>
      run.store.append({ type: 'probe', arm, step, heldOutLoss, heldOutTokens: 9, forgetting, n: 4 });
    probe('r2', 0, 1, 0);
    probe('r2', 10, 0.75, 0.125);
    const tried = { method: 'lora', triedOn: 'r2', learningRate: 0.001, steps: 42, loss: 0.5 } as const;
    run.store.append({ type: 'tuning-trial', ...tried });
    await run.store.finish(sampleMetrics);
    const { client } = await start();
    const { curves, trials } = await client.request('run.learning', { run: run.path });
    assert.deepEqual(curves, [
      {
        ...{ arm: 'r2', method: 'lora', rank: 2 },
        points: [
          { step: 0, loss: 1, forgetting: 0 },
          { step: 10, loss: 0.75, forgetting: 0.125 },
        ],
      },
    ]);
    assert.deepEqual(trials.rows, [['r2', '42', '0.001', '0.5000', 'dropped']]);
  });

  it('compares arms of several runs by the prompts they share, against a baseline', async () => {
    const first = await finishedRun((arm) => arm === 'base');
    const second = await finishedRun((_, prompt) => prompt < 2, 4);
    const { client } = await start();
    const baseline = { run: first.path, arm: 'base' };
    const { arms } = await client.request('compare', {
      baseline,
      arms: [
        baseline,
        { run: first.path, arm: 'r2' },
        { run: second.path, arm: 'r2' },
        { run: first.path, arm: 'full' },
      ],
    });
    const [own, paired, third, last] = arms.map(({ difference }) => difference);
    assert.deepEqual(own, { unmeasured: 'It is the baseline.' });
    assert.deepEqual([measuredOf(paired)?.value, measuredOf(paired)?.n], [-1, 6]);
    assert.equal(measuredOf(arms[1]?.toxicityRate)?.value, 0);
    assert.deepEqual([measuredOf(third)?.value, measuredOf(third)?.n], [-0.5, 4]);
    assert.equal(arms[1]?.metrics?.id, 'r2');
    assert.deepEqual(last, { unmeasured: 'It has no completions yet.' });
  });

  it('exports an adapter, reports and metrics, and never over what is there', async () => {
    const run = await finishedRun(() => false);
    const { client } = await start();
    const out = join(folder.path, 'exports');
    await mkdir(out);
    const exported = (
      kind: 'adapter' | 'report-html' | 'report-markdown' | 'metrics-csv' | 'metrics-json',
      to: string,
    ) =>
      client.request('run.export', {
        run: run.path,
        kind,
        to: join(out, to),
        ...(kind === 'adapter' && { arm: 'r2' }),
      });
    const { path } = await exported('adapter', 'r2');
    assert.equal(await readFile(join(path, 'adapter_model.safetensors'), 'utf8'), 'weights');
    await assert.rejects(exported('adapter', 'r2'), { code: 'run' });
    assert.match(await readFile((await exported('report-html', 'a.html')).path, 'utf8'), /^<!doctype html>/);
    assert.match(await readFile((await exported('report-markdown', 'a.md')).path, 'utf8'), /\| r2/);
    await assert.rejects(exported('report-markdown', 'a.md'), { code: 'disk' });
    assert.deepEqual(
      JSON.parse(await readFile((await exported('metrics-json', 'a.json')).path, 'utf8')),
      sampleMetrics,
    );
    const csv = await readFile((await exported('metrics-csv', 'a.csv')).path, 'utf8');
    const [header = '', base = ''] = csv.split('\r\n');
    assert.match(header, /^arm,method,rank,seed,/);
    const cell = (name: string) => base.split(',')[header.split(',').indexOf(name)];
    const cells = [
      'arm',
      'trainable_parameters',
      'toxicity_rate',
      'toxicity_low',
      'toxicity_high',
      'judged',
      'unjudged',
    ];
    assert.deepEqual(cells.map(cell), ['base', '1000', '0.5', '0.3', '0.7', '20', '0']);
    const noArm = { run: run.path, kind: 'adapter' as const, to: join(out, 'x') };
    await assert.rejects(client.request('run.export', noArm), { code: 'usage' });
  });

  it('has merged weights written by the engine, and leaves nothing of a merge that fails', async () => {
    const run = await finishedRun(() => false);
    const asked: unknown[] = [];
    let fails = false;
    const { client } = await start({
      'export.merged': async (params) => {
        asked.push(params);
        await writeFile(join(params.to, 'model.safetensors'), 'merged');
        if (fails) throw new RankscopeError({ code: 'disk', what: 'the disk is full' });
        return null;
      },
    });
    const request = { run: run.path, kind: 'merged' as const, arm: 'r2', to: join(folder.path, 'merged') };
    await client.request('run.export', request);
    // Written beside its place, where it is moved once it is whole.
    const [{ to, ...what }] = asked as [{ readonly to: string }];
    assert.deepEqual(what, { model: '/models/base', adapter: join(run.path, 'arms', 'r2') });
    assert.ok(to.startsWith(`${request.to}.`), to);
    assert.equal(await readFile(join(request.to, 'model.safetensors'), 'utf8'), 'merged');
    fails = true;
    const other = { ...request, to: join(folder.path, 'merged-2') };
    await assert.rejects(client.request('run.export', other), { code: 'disk' });
    await assert.rejects(readFile(join(other.to, 'model.safetensors')));
    await assert.rejects(client.request('run.export', { ...request, arm: 'full' }), { code: 'run' });
  });

  it('completes a prompt with the base and an arm, judged, in one engine that stays', async () => {
    const run = await finishedRun(() => false);
    const { client, engines } = await start({
      generate: ({ adapters, prompts, keep }, { emit }) => {
        assert.equal(keep, true);
        for (const arm of ['base', ...adapters.map((one) => one.arm)]) {
          const text = arm === 'base' ? ' zounds' : ' kindly';
          emit({ arm, promptIndex: 0, sample: 0, prompt: prompts[0] ?? '', completion: text, tokens: [1] });
        }
        return Promise.resolve({ completions: 2, seconds: 0.1, tokens: 2 });
      },
    });
    const options = { samples: 1, maxNewTokens: 5, temperature: 1, seed: 0 };
    const events: EventOf<RunsContract, 'tryPrompt'>[] = [];
    const params = { run: run.path, arms: ['base', 'r2'], prompt: 'Say', ...options };
    const answer = await client.request('tryPrompt', params, { onEvent: (event) => events.push(event) });
    assert.deepEqual(answer, { seconds: 0.1, tokens: 2 });
    const whole = events.filter((event) => event.verdict === undefined);
    assert.deepEqual(whole, [
      { arm: 'base', sample: 0, completion: ' zounds' },
      { arm: 'r2', sample: 0, completion: ' kindly' },
    ]);
    assert.deepEqual(
      events.filter((event) => event.verdict !== undefined),
      [
        { ...whole[0], verdict: { score: 0.6, toxic: true } },
        { ...whole[1], verdict: { score: 0, toxic: false } },
      ],
    );
    await client.request('tryPrompt', params);
    assert.equal(engines.length, 1);
    await assert.rejects(client.request('tryPrompt', { ...params, arms: ['r99'] }), { code: 'usage' });
    await assert.rejects(client.request('tryPrompt', { ...params, arms: ['full'] }), { code: 'run' });
  });

  it('tries prompts and reads lenses as the run put its prompts', async () => {
    const asked: unknown[] = [];
    const { client } = await start({
      generate: ({ chat }) => {
        asked.push(chat);
        return Promise.resolve({ completions: 0, seconds: 0.1, tokens: 0 });
      },
      lens: ({ chat }) => {
        asked.push(chat);
        throw new RankscopeError({ code: 'model', what: 'this engine has no lens' });
      },
    });
    for (const chat of [undefined, { frame: false }, { frame: true }, { frame: true, system: 'be kind' }]) {
      const run = await finishedRun(() => false);
      const record = join(run.path, 'run.json');
      const json = JSON.parse(await readFile(record, 'utf8')) as { readonly sweep: { readonly data: object } };
      const data = { ...json.sweep.data, ...(chat && { chat }) };
      await writeFile(record, JSON.stringify({ ...json, sweep: { ...json.sweep, data } }));
      const params = { run: run.path, arms: ['base'], prompt: 'Say' };
      await client.request('tryPrompt', { ...params, samples: 1, maxNewTokens: 5, temperature: 1, seed: 0 });
      await assert.rejects(client.request('lens', params), { code: 'model' });
    }
    const kind = { system: 'be kind' };
    assert.deepEqual(asked, [undefined, undefined, undefined, undefined, {}, {}, kind, kind]);
  });

  it('estimates in an engine of its own, and calls one that the system kills short of memory', async () => {
    const measured = {
      seconds: 5,
      memoryBytes: 1,
      diskBytes: 1,
      basis: '',
      availableMemoryBytes: 1,
      availableDiskBytes: 1,
    };
    const { client, engines } = await start({
      'sweep.estimate': ({ file }, { emit }) => {
        emit({ phase: 'training' });
        return file === '/kill' ? new Promise(() => undefined) : Promise.resolve(measured);
      },
    });
    const phases: string[] = [];
    const onEvent = ({ phase }: { phase: string }) => phases.push(phase);
    assert.deepEqual(await client.request('estimate', { file: '/a' }, { onEvent }), measured);
    assert.deepEqual(phases, ['training']);
    const killed = client.request('estimate', { file: '/kill' });
    await until(() => engines.length === 2);
    engines[1]?.die();
    await assert.rejects(killed, { code: 'memory' });
    const controller = new AbortController();
    const cancelled = client.request('estimate', { file: '/kill' }, { signal: controller.signal });
    await until(() => engines.length === 3);
    controller.abort();
    await assert.rejects(cancelled, { code: 'cancelled' });
    assert.ok(engines.every((engine) => engine.disposed() || engine === engines[1]));
  });

  it('plans in an engine of its own, from what the base alone does', async () => {
    const survey: BaseSurvey = {
      ...{ declaration: verdictDeclarationSchema.parse({}), seeds: 1, samples: 2, prompts: 8, templates: 4 },
      ...{ base: 0.25, unjudged: 0, judge: 'lexicon', secondsPerCompletion: 0.5, arms: 4, groups: [] },
    };
    const asked: string[] = [];
    const { client, engines } = await start({
      'sweep.survey': ({ file }, { emit }) => {
        asked.push(file);
        emit({ phase: 'base-completions', detail: '8 prompts' });
        return file === '/kill' ? new Promise(() => undefined) : Promise.resolve(survey);
      },
    });
    const details: unknown[] = [];
    const onEvent = ({ detail }: { detail?: string | undefined }) => details.push(detail);
    const plan = await client.request('plan', { file: '/a' }, { onEvent });
    assert.deepEqual([asked, details], [['/a'], ['8 prompts']]);
    const { answer, lines, canAnswer } = readPlan(survey);
    assert.deepEqual(plan, { answer, lines, canAnswer });
    assert.equal(canAnswer, false, 'four templates are too few');
    const controller = new AbortController();
    const cancelled = client.request('plan', { file: '/kill' }, { signal: controller.signal });
    await until(() => asked.length === 2);
    controller.abort();
    await assert.rejects(cancelled, { code: 'cancelled' });
    assert.ok(engines.length === 2 && engines.every((engine) => engine.disposed()));
  });

  describe('review', () => {
    const text = 'zounds one\nkind two\nfie three\n';
    const content = (line: string) => contentHash({ text: line });
    const makeFile = async () => {
      const file = join(folder.path, `review-${made++}.txt`);
      await writeFile(file, text);
      return file;
    };

    it('shows the flagged texts of a file that no editor has open, and keeps labels beside it', async () => {
      const file = await makeFile();
      const { client } = await start();
      const few = await client.request('review.items', { file, flaggedOnly: false, limit: 1 });
      assert.deepEqual([few.items.length, few.total], [1, 3]);
      const { items, threshold } = await client.request('review.items', { file, flaggedOnly: true });
      assert.deepEqual(
        items.map((item) => [item.line, item.text, item.label]),
        [
          [0, 'zounds one', undefined],
          [2, 'fie three', undefined],
        ],
      );
      assert.equal(threshold, 0.5);
      assert.deepEqual(items[0]?.evidence, [{ start: 0, end: 6, category: 'insult' }]);
      const trust = await client.request('review.label', { file, content: content('zounds one'), label: 'benign' });
      assert.deepEqual([trust.labelled, trust.confusion.falsePositive], [1, 1]);
      assert.ok(!isMeasured(trust.correctedRate) && trust.correctedRate.unmeasured.includes('labelled toxic'));
      const more = await client.request('review.label', { file, content: content('fie three'), label: 'toxic' });
      assert.deepEqual([more.confusion.truePositive, measuredOf(more.accuracy)?.value], [1, 0.5]);
      const again = await client.request('review.items', { file, flaggedOnly: true });
      // What a person has called harmless stays, so that it can be taken back.
      assert.deepEqual(
        again.items.map(({ label }) => label),
        ['benign', 'toxic'],
      );
      const back = await client.request('review.label', { file, content: content('zounds one'), label: null });
      assert.equal(back.labelled, 1);
      const lines = (await readFile(`${file}.labels.jsonl`, 'utf8')).trim().split('\n');
      assert.equal(lines.length, 3);
    });

    it('labels the open document of the editor, whose diagnostics follow', async () => {
      const file = await makeFile();
      const uri = pathToFileURL(file).href;
      const { client, server } = await start();
      server.notify('textDocument/didOpen', opened(uri, `${text}zounds four\n`));
      const published = 'textDocument/publishDiagnostics';
      await server.next(published, ({ diagnostics }: { diagnostics: unknown[] }) => diagnostics.length === 3);
      const { items } = await client.request('review.items', { file, flaggedOnly: false });
      // What was typed and not saved is there too.
      assert.equal(items.at(-1)?.text, 'zounds four');
      await client.request('review.label', { file, content: content('zounds four'), label: 'benign' });
      await server.next(published, ({ diagnostics }: { diagnostics: unknown[] }) => diagnostics.length === 2);
      assert.equal((await client.request('review.trust', { file })).labelled, 1);
    });

    it('reads a file again that has changed on the disk', async () => {
      const file = await makeFile();
      const { client } = await start();
      assert.equal((await client.request('review.items', { file, flaggedOnly: true })).items.length, 2);
      await writeFile(file, 'kind\nzounds five\n');
      const { items } = await client.request('review.items', { file, flaggedOnly: true });
      assert.deepEqual(
        items.map((item) => item.text),
        ['zounds five'],
      );
      await assert.rejects(client.request('review.items', { file: '/not/there', flaggedOnly: true }), { code: 'disk' });
    });
  });

  it('answers every request of a wrong shape, or about what is not there, with an error', async () => {
    const { server } = await start();
    const replies = new Map<number, string>();
    const asked = new Map<number, string>();
    const listen = async () => {
      for (;;) {
        const { id, tag }: { id: number; tag: string } = await server.next('rankscope/channel');
        if (tag !== 'event') replies.set(id, tag);
      }
    };
    void listen();
    let id = 0;
    const methods = Object.keys(runsContract);
    const params = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.record({ run: fc.string(), file: fc.string(), arms: fc.anything({ maxDepth: 1 }), points: fc.integer() }),
      fc.constant({ run: '/no/such/run', arm: 'r2', arms: ['r2'], prompt: 'x', to: '/no/such/place', kind: 'adapter' }),
      fc.constant({
        run: '../../etc',
        arm: '../..',
        kind: 'adapter',
        to: '/no/such/place',
        points: 100,
        folders: ['/no'],
      }),
    );
    const samples = fc.sample(fc.tuple(fc.constantFrom(...methods, 'no.such'), params), { numRuns: 300, seed: 5 });
    for (const [method, given] of samples) {
      asked.set(++id, method);
      sendRaw(server, { tag: 'request', id, method, params: given as unknown });
    }
    for (const nonsense of [null, 5, 'x', { tag: 'request' }, { tag: 'cancel', id: 1e9 }, { id: 1 }])
      sendRaw(server, nonsense);
    await until(() => replies.size === asked.size).catch(() => {
      assert.deepEqual(
        [...asked].filter(([one]) => !replies.has(one)),
        [],
      );
    });
    for (const [one, tag] of replies) {
      // Only these can make sense of what was sent: folders without runs, and what is asked of the engine alone.
      if (tag === 'reply') assert.match(asked.get(one) ?? '', /^(runs\.list|runs\.orphaned|devices\.timings)$/);
    }
    assert.ok([...replies.values()].filter((tag) => tag === 'error').length > 280);
    const list = await server
      .request('workspace/executeCommand', { command: 'rankscope.summary' })
      .catch(() => 'error');
    assert.equal(list, 'error');
  });
});
