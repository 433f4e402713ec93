import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { HubOptions, HubProgress } from '../../../../server/engine/checkpoints/fetchFromHub.ts';
import { fetchFromHub } from '../../../../server/engine/checkpoints/fetchFromHub.ts';
import { openCheckpoint } from '../../../../server/engine/checkpoints/openCheckpoint.ts';
import { safetensorsBytes } from '../weights/safetensorsFixture.ts';
import { temporaryFolder } from '../weights/temporaryFolder.ts';

const COMMIT = 'c'.repeat(40);
const weights = safetensorsBytes({ a: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, new Uint8Array(4));
const standard: Record<string, Uint8Array> = {
  'config.json': Buffer.from('{"model_type": "gpt2"}'),
  'tokenizer.json': Buffer.from('{}'),
  'README.md': Buffer.from('not wanted'),
  'pytorch_model.bin': Buffer.from('not wanted'),
  'model.safetensors': weights,
};
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A hub with one model, `org/tiny`, as far as the client asks: commit, list of files, content. */
function fakeHub(
  files: Record<string, Uint8Array>,
  serve: (path: string, bytes: Uint8Array) => Uint8Array = (_, b) => b,
) {
  const asked: string[] = [];
  const json = (value: unknown, status = 200): Response => Response.json(value, { status });
  const list = Object.entries(files).map(([path, bytes]) => ({
    type: 'file',
    path,
    size: bytes.length,
    oid: createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex'),
    ...(path.endsWith('.safetensors') ? { lfs: { oid: sha256(bytes), size: bytes.length, pointerSize: 100 } } : {}),
  }));
  const answer = (url: URL, headers: Headers): Response => {
    if (!url.pathname.includes('/org/tiny/')) return json({ error: 'Repository not found' }, 404);
    if (url.pathname.startsWith('/api/models/org/tiny/revision/'))
      return json({ sha: COMMIT, id: 'org/tiny', _id: '1' });
    if (url.pathname.startsWith(`/api/models/org/tiny/tree/${COMMIT}`)) return json(list);
    const name = url.pathname.split(`/resolve/${COMMIT}/`)[1] ?? '';
    const bytes = serve(name, files[name] ?? new Uint8Array(0));
    const size = files[name]?.length ?? 0;
    if (headers.get('range') !== 'bytes=0-0') return new Response(new Uint8Array(bytes));
    return new Response(new Uint8Array(1), {
      status: 206,
      headers: { 'content-range': `bytes 0-0/${size}`, etag: '"x"' },
    });
  };
  const fetchFake: typeof fetch = (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    asked.push(url.pathname);
    init?.signal?.throwIfAborted();
    return Promise.resolve(answer(url, new Headers(init?.headers)));
  };
  return { fetch: fetchFake, asked };
}

const addressOf = (input: Parameters<typeof fetch>[0]): string =>
  input instanceof Request ? input.url : input.toString();

const noNetwork: typeof fetch = () =>
  Promise.reject(new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND') }));

describe('fetchFromHub', () => {
  const folder = temporaryFolder();
  let caches = 0;
  const newCache = (): string => folder.path(`cache-${caches++}`);
  const fetchTiny = (options: HubOptions, revision = 'main'): Promise<string> =>
    fetchFromHub('org/tiny', revision, options);

  it('fetches what a model needs into the layout of the Hugging Face cache, with progress', async () => {
    const cacheDir = newCache();
    const hub = fakeHub(standard);
    const progress: HubProgress[] = [];
    const path = await fetchTiny({ cacheDir, fetch: hub.fetch, onProgress: (p) => progress.push(p) });
    const storage = join(cacheDir, 'models--org--tiny');
    assert.equal(path, join(storage, 'snapshots', COMMIT));
    assert.deepEqual(readdirSync(path).sort(), ['config.json', 'model.safetensors', 'tokenizer.json']);
    assert.ok(lstatSync(join(path, 'model.safetensors')).isSymbolicLink());
    assert.deepEqual(readFileSync(join(storage, 'blobs', sha256(weights))), weights);
    assert.equal(readFileSync(join(storage, 'refs', 'main'), 'utf8'), COMMIT);
    const total = standard['config.json']!.length + standard['tokenizer.json']!.length + weights.length;
    assert.deepEqual(progress.at(-1), { file: 'model.safetensors', done: total, total });
    assert.ok(progress.every(({ done }, i) => done >= (progress[i - 1]?.done ?? 0)));
  });

  it('opens through openCheckpoint, then from the cache with no network and in offline mode', async () => {
    const cacheDir = newCache();
    const first = await openCheckpoint('org/tiny', { cacheDir, fetch: fakeHub(standard).fetch });
    assert.deepEqual(first.config, { model_type: 'gpt2' });
    await first.tensors.close();
    for (const options of [{ fetch: noNetwork }, { offline: true }]) {
      const again = await openCheckpoint('org/tiny', { cacheDir, ...options });
      assert.equal(again.path, first.path);
      assert.equal(await again.hash(), sha256(weights));
      await again.tensors.close();
    }
  });

  it('opens a cache that another tool filled, offline, by branch or commit', async () => {
    const cacheDir = newCache();
    const storage = join(cacheDir, 'models--org--tiny');
    const snapshot = join(storage, 'snapshots', COMMIT);
    mkdirSync(join(storage, 'refs'), { recursive: true });
    mkdirSync(snapshot, { recursive: true });
    for (const [name, bytes] of Object.entries(standard)) writeFileSync(join(snapshot, name), bytes);
    writeFileSync(join(storage, 'refs', 'main'), `${COMMIT}\n`);
    for (const revision of ['main', COMMIT])
      assert.equal(await fetchTiny({ cacheDir, offline: true }, revision), snapshot);
    assert.equal(await fetchTiny({ cacheDir, fetch: noNetwork }, COMMIT), snapshot);
  });

  it('honours HF_HUB_OFFLINE and HF_HUB_CACHE', async () => {
    const cacheDir = newCache();
    const path = await fetchTiny({ cacheDir, fetch: fakeHub(standard).fetch });
    const given = { HF_HUB_OFFLINE: '1', HF_HUB_CACHE: cacheDir };
    const before = Object.keys(given).map((name) => [name, process.env[name]] as const);
    Object.assign(process.env, given);
    try {
      assert.equal(await fetchTiny({ fetch: noNetwork }), path);
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    }
  });

  it('does not take a snapshot that lacks a shard for whole', async () => {
    const cacheDir = newCache();
    const shards = { 'model-00001-of-00002.safetensors': weights, 'model-00002-of-00002.safetensors': weights };
    const index = { weight_map: { a: 'model-00001-of-00002.safetensors', b: 'model-00002-of-00002.safetensors' } };
    const files = {
      'config.json': standard['config.json']!,
      'model.safetensors.index.json': Buffer.from(JSON.stringify(index)),
      ...shards,
    };
    const path = await fetchTiny({ cacheDir, fetch: fakeHub(files).fetch });
    assert.equal(readdirSync(path).length, 4);
    assert.equal(await fetchTiny({ cacheDir, offline: true }), path);
    writeFileSync(join(path, 'model.safetensors.index.json'), JSON.stringify(index).replace('00002-of', '00003-of'));
    await assert.rejects(fetchTiny({ cacheDir, offline: true }), {
      code: 'network',
      message: /not \(wholly\) in the cache/,
    });
  });

  it('asks for nothing again that is there', async () => {
    const cacheDir = newCache();
    await fetchTiny({ cacheDir, fetch: fakeHub(standard).fetch });
    const hub = fakeHub(standard);
    await fetchTiny({ cacheDir, fetch: hub.fetch });
    assert.ok(!hub.asked.some((path) => path.includes('/resolve/')), hub.asked.join());
    const byCommit = fakeHub(standard);
    await fetchTiny({ cacheDir, fetch: byCommit.fetch }, COMMIT);
    assert.deepEqual(byCommit.asked, []);
  });

  const serving = (change: (bytes: Uint8Array) => Uint8Array) => (path: string, bytes: Uint8Array) =>
    path === 'model.safetensors' ? change(bytes) : bytes;
  const broken: [string, (bytes: Uint8Array) => Uint8Array, RegExp][] = [
    ['breaks off', (b) => b.subarray(0, 20), /model\.safetensors: the file came with 20 of \d+ bytes/],
    ['is longer than announced', (b) => Buffer.concat([b, b]), /has more than the \d+ bytes announced/],
    ['has other content', (b) => b.map((x) => x ^ 1), /another hash than listed/],
  ];
  for (const [what, change, message] of broken) {
    it(`refuses a download that ${what}, keeps nothing of it, and can begin anew`, async () => {
      const cacheDir = newCache();
      const hub = fakeHub(standard, serving(change));
      await assert.rejects(fetchTiny({ cacheDir, fetch: hub.fetch }), {
        name: 'RankscopeError',
        code: 'network',
        message,
      });
      const blobs = readdirSync(join(cacheDir, 'models--org--tiny', 'blobs'));
      assert.ok(!blobs.some((name) => name.includes('incomplete') || name === sha256(weights)), blobs.join());
      await assert.rejects(fetchTiny({ cacheDir, offline: true }), { code: 'network' });
      await fetchTiny({ cacheDir, fetch: fakeHub(standard).fetch });
    });
  }

  it('refuses a small file with other content, by the hash that Git gives it', async () => {
    const hub = fakeHub(standard, (path, bytes) => (path === 'tokenizer.json' ? Buffer.from('[]') : bytes));
    await assert.rejects(fetchTiny({ cacheDir: newCache(), fetch: hub.fetch }), {
      code: 'network',
      message: /tokenizer\.json: the file has another hash than listed/,
    });
  });

  it('brings every file that says how the model ends, speaks and is written', async () => {
    const side = ['generation_config.json', 'tokenizer_config.json', 'chat_template.jinja', 'chat_template.json'];
    const older = ['vocab.txt', 'vocab.json', 'merges.txt'];
    const files = Object.fromEntries([...side, ...older].map((name) => [name, Buffer.from('{}')]));
    const path = await fetchTiny({ cacheDir: newCache(), fetch: fakeHub({ ...standard, ...files }).fetch });
    const expected = ['config.json', 'model.safetensors', 'tokenizer.json', ...side, ...older];
    assert.deepEqual(readdirSync(path).sort(), expected.sort());
  });

  const bounds = { headMilliseconds: 20, idleMilliseconds: 20, requests: 30 };

  it('waits for no answer that never begins', async () => {
    const silent: typeof fetch = (_, init) =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error)),
      );
    await assert.rejects(fetchTiny({ cacheDir: newCache(), fetch: silent, bounds }), {
      code: 'network',
      message: /the hub sent nothing for 0 s/,
    });
  });

  it('waits for no body that stops, and keeps nothing of it', async () => {
    const cacheDir = newCache();
    const hub = fakeHub(standard);
    const stopping: typeof fetch = async (input, init) => {
      const answer = await hub.fetch(input, init);
      if (!addressOf(input).endsWith('/model.safetensors') || answer.status !== 200) return answer;
      return new Response(new ReadableStream({ start: (controller) => controller.enqueue(weights.subarray(0, 9)) }));
    };
    await assert.rejects(fetchTiny({ cacheDir, fetch: stopping, bounds }), {
      code: 'network',
      message: /the hub sent nothing for 0 s/,
    });
    const blobs = readdirSync(join(cacheDir, 'models--org--tiny', 'blobs'));
    assert.ok(!blobs.some((name) => name.includes('incomplete')), blobs.join());
  });

  it('ends a list that goes on over pages without end', async () => {
    const hub = fakeHub(standard);
    const endless: typeof fetch = (input, init) =>
      addressOf(input).includes('/tree/')
        ? Promise.resolve(Response.json([], { headers: { link: `<${addressOf(input)}>; rel="next"` } }))
        : hub.fetch(input, init);
    await assert.rejects(fetchTiny({ cacheDir: newCache(), fetch: endless, bounds }), {
      code: 'network',
      message: /asked for more than 30 requests/,
    });
  });

  it('says that the hub cannot be reached, and why', async () => {
    await assert.rejects(fetchTiny({ cacheDir: newCache(), fetch: noNetwork }), {
      code: 'network',
      message: /org\/tiny: the hub could not be reached \(fetch failed: getaddrinfo ENOTFOUND\)\. Check the connection/,
    });
  });

  it('tells a missing model, a closed one and one without safetensors apart', async () => {
    const cacheDir = newCache();
    await assert.rejects(fetchFromHub('org/other', 'main', { cacheDir, fetch: fakeHub(standard).fetch }), {
      code: 'model',
      message: /no such model/,
    });
    const closed: typeof fetch = () => Promise.resolve(Response.json({ error: 'gated' }, { status: 403 }));
    await assert.rejects(fetchTiny({ cacheDir, fetch: closed }), {
      code: 'network',
      message: /refuses access \(403\).*HF_TOKEN/,
    });
    const failing: typeof fetch = () => Promise.resolve(new Response('busy', { status: 503 }));
    await assert.rejects(fetchTiny({ cacheDir, fetch: failing }), { code: 'network', message: /could not be reached/ });
    const pickled = { 'config.json': standard['config.json']!, 'pytorch_model.bin': weights };
    await assert.rejects(fetchTiny({ cacheDir, fetch: fakeHub(pickled).fetch }), {
      code: 'model',
      message: /no model\.safetensors/,
    });
    assert.ok(!existsSync(join(cacheDir, 'models--org--tiny')), 'nothing was left behind');
  });

  it('stops when it is cancelled', async () => {
    const controller = new AbortController();
    const cacheDir = newCache();
    const fetching = fetchTiny({
      cacheDir,
      fetch: fakeHub(standard).fetch,
      signal: controller.signal,
      onProgress: () => controller.abort(),
    });
    await assert.rejects(fetching, { name: 'RankscopeError', code: 'cancelled' });
    await assert.rejects(fetchTiny({ cacheDir, offline: true }), { code: 'network' });
  });

  it('says that the cache cannot be written', async () => {
    const blocked = folder.write('file-not-folder', '');
    await assert.rejects(fetchTiny({ cacheDir: blocked, fetch: fakeHub(standard).fetch }), { code: 'disk' });
  });

  it('never writes outside the cache, whatever the hub lists', async () => {
    const cacheDir = newCache();
    const hub = fakeHub({ ...standard, '../../escaped.json': Buffer.from('{}'), 'sub/config.json': Buffer.from('{}') });
    const path = await fetchTiny({ cacheDir, fetch: hub.fetch });
    assert.deepEqual(readdirSync(path).sort(), ['config.json', 'model.safetensors', 'tokenizer.json']);
  });
});
