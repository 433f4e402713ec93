import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentHash } from '../../../../server/judges/labels/human.ts';
import type { Verdict } from '../../../../server/judges/judge/judge.ts';
import { cachedJudge } from '../../../../server/lsp/judges/cachedJudge.ts';
import { createEngine } from '../../../../server/lsp/judges/engine.ts';
import { openEngineJudge } from '../../../../server/lsp/judges/engineJudge.ts';
import { openVerdictCache } from '../../../../server/lsp/judges/verdictCache.ts';
import { serverHost, verdictFolder } from '../../../../server/lsp/judges/serverHost.ts';
import type { EngineProcess } from '../../../../server/launch/localProcess.ts';
import { type ErrorDetails, RankscopeError } from '../../../../server/protocol/errors.ts';
import { until } from '../../../until.ts';
import { testJudge } from '../testJudge.ts';

interface Asked {
  readonly judge: unknown;
  readonly items: readonly { readonly text: string; readonly prompt?: string }[];
}

interface FakeEngine extends EngineProcess {
  die(what: string): void;
}

/** An engine that judges by the test's lexicon, and remembers what it was asked. */
function fakeEngine(asked: Asked[]): FakeEngine {
  let die: (details: ErrorDetails) => void = () => undefined;
  const exited = new Promise<ErrorDetails>((resolve) => (die = resolve));
  let dead = false;
  const request = async (_method: string, params: Asked) => {
    if (dead) throw new RankscopeError({ code: 'engine', what: 'the engine process was ended by SIGKILL' });
    asked.push(params);
    const judge = await testJudge();
    return { judge: 'llm(tiny)', hash: 'ab', threshold: 0.5, verdicts: await judge.judge(params.items) };
  };
  return {
    client: { request: request as never },
    pid: 1,
    exited,
    dispose: () => Promise.resolve(),
    die: (what) => {
      dead = true;
      die({ code: 'engine', what });
    },
  };
}

const llm = { kind: 'llm', model: 'tiny' } as const;
const said = (verdicts: readonly Verdict[]) => verdicts.map((one) => (one.kind === 'judged' ? one.score : one.kind));

describe('judges with models', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'rankscope-cache-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('run in the engine, under the name and threshold that it tells', async () => {
    const asked: Asked[] = [];
    const judge = await openEngineJudge(llm, () => fakeEngine(asked).client);
    assert.deepEqual([judge.kind, judge.name, judge.hash, judge.threshold], ['llm', 'llm(tiny)', 'ab', 0.5]);
    assert.deepEqual(said(await judge.judge([{ text: 'zounds', prompt: 'p' }, { text: 'fine' }])), [0.6, 0]);
    assert.deepEqual(asked.at(-1), { judge: llm, items: [{ text: 'zounds', prompt: 'p' }, { text: 'fine' }] });
  });

  it('are asked about a text once, also by the next session', async () => {
    const asked: Asked[] = [];
    const script = 'unused';
    const texts = (from: number) => asked.slice(from).flatMap(({ items }) => items.map(({ text }) => text));
    const first = await serverHost({ script, cache: folder, launch: () => fakeEngine(asked) }).openJudge(llm);
    await first.judge([{ text: 'zounds' }, { text: 'fine' }]);
    assert.deepEqual(
      said(await first.judge([{ text: 'new' }, { text: 'zounds' }, { text: 'zounds', prompt: 'p' }])),
      [0, 0.6, 0.6],
    );
    assert.deepEqual(texts(0), ['zounds', 'fine', 'new', 'zounds']);
    const before = asked.length;
    // The disk follows in its own time.
    const lines = async () => (await readFile(join(folder, 'ab.jsonl'), 'utf8').catch(() => '')).split('\n').length - 1;
    await until(async () => (await lines()) === 4);
    const second = await serverHost({ script, cache: folder, launch: () => fakeEngine(asked) }).openJudge(llm);
    assert.deepEqual(said(await second.judge([{ text: 'fine' }, { text: 'zounds' }])), [0, 0.6]);
    assert.deepEqual(texts(before), []);
  });

  it('are asked again about what was unjudged', async () => {
    const asked: string[] = [];
    const judge = await testJudge();
    const cached = cachedJudge(
      { ...judge, judge: (items) => (asked.push(...items.map(({ text }) => text)), judge.judge(items)) },
      await openVerdictCache(folder, 'x'),
    );
    await cached.judge([{ text: 'день' }]);
    assert.deepEqual(said(await cached.judge([{ text: 'день' }])), ['unjudged']);
    assert.deepEqual(asked, ['день', 'день']);
  });

  it('have caches that pass over what is broken, and live without a disk', async () => {
    const judged: Verdict = {
      kind: 'judged',
      score: 0.5,
      toxic: true,
      categories: { a: 1 },
      evidence: [{ start: 0, end: 1, category: 'a' }],
    };
    const content = contentHash({ text: 'a' });
    const broken = [
      '',
      '{',
      '5',
      '["a"]',
      `["${content}",{"kind":"judged","score":7}]`,
      JSON.stringify([content, { ...judged, evidence: [{}] }]),
    ];
    await writeFile(join(folder, 'h.jsonl'), `${broken.join('\n')}\n${JSON.stringify(['b', judged])}\n["c`);
    const cache = await openVerdictCache(folder, 'h');
    assert.deepEqual([cache.get('b'), cache.get(content), cache.get('c')], [judged, undefined, undefined]);
    const nowhere = await openVerdictCache(join(folder, 'h.jsonl'), 'h');
    nowhere.add([[content, judged]]);
    await nowhere.written();
    assert.deepEqual(nowhere.get(content), judged);
    assert.deepEqual(await readdir(folder), ['h.jsonl']);
  });

  it('keep their verdicts where the system keeps caches, or where they are told to', () => {
    assert.equal(verdictFolder({ RANKSCOPE_CACHE: '/c' }), join('/c', 'verdicts'));
    if (process.platform === 'linux') assert.equal(verdictFolder({ XDG_CACHE_HOME: '/x' }), '/x/rankscope/verdicts');
  });
});

describe('the engine of the language server', () => {
  it('is started when it is needed, once, and again when it has died', async () => {
    const engines: FakeEngine[] = [];
    const launch = () => {
      const engine = fakeEngine([]);
      engines.push(engine);
      return engine;
    };
    const engine = createEngine(launch, () => 0);
    assert.equal(engines.length, 0);
    assert.equal(engine.client(), engine.client());
    assert.equal(engines.length, 1);
    engines[0]?.die('ended by SIGKILL');
    await engines[0]?.exited;
    engine.client();
    assert.equal(engines.length, 2);
  });

  it('is left alone for a while when it keeps dying, and the reason told', async () => {
    let time = 0;
    let started = 0;
    const engine = createEngine(
      () => {
        started++;
        const one = fakeEngine([]);
        one.die('out of memory');
        return one;
      },
      () => time,
    );
    for (let tries = 0; tries < 3; tries++) {
      engine.client();
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.throws(() => engine.client(), /keeps dying: out of memory/);
    assert.equal(started, 3);
    time = 60_001;
    engine.client();
    assert.equal(started, 4);
  });

  it('is not started any more once it is disposed of', async () => {
    const engine = createEngine(
      () => fakeEngine([]),
      () => 0,
    );
    await engine.dispose();
    assert.throws(() => engine.client(), /shutting down/);
  });
});
