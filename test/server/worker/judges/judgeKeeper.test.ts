import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OnnxClassifier } from '../../../../server/engine/onnxFile/onnxClassifier.ts';
import type { Judge } from '../../../../server/judges/judge/judge.ts';
import type { JudgeSpec } from '../../../../server/protocol/sweep/judgeSpec.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import type { EngineHost } from '../../../../server/worker/host/engineHost.ts';
import { createJudgeKeeper } from '../../../../server/worker/judges/judgeKeeper.ts';
import { until } from '../../../until.ts';
import { fakeHost } from '../fakeHost.ts';

const shape = { filters: '.', lower: true, split: ' ', maxlen: 2, padding: 'pre', truncating: 'pre', pad_id: 0 };
const vocabulary = JSON.stringify({ ...shape, labels: ['toxic'], word_index: { fool: 1 } });

describe('judges kept in the engine process', () => {
  let folder: string;
  let open: string[];
  let opened: string[];
  let host: EngineHost;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rankscope-keeper-'));
    [open, opened] = [[], []];
    let broke: () => void;
    const broken = new Promise<void>((resolve) => (broke = resolve));
    const openClassifier = async (path: string): Promise<OnnxClassifier> => {
      if (path.endsWith('broken')) {
        setImmediate(broke);
        throw new RankscopeError({ code: 'model', what: 'broken' });
      }
      // It is still being opened when the broken one has failed.
      if (path.endsWith('slow')) await broken;
      opened.push(path);
      open.push(path);
      return {
        hash: path,
        run: (ids) => Promise.resolve(ids.map(() => Float32Array.of(0.9))),
        release: () => {
          open.splice(open.indexOf(path), 1);
          return Promise.resolve();
        },
      };
    };
    host = { ...fakeHost(), openClassifier };
    await writeFile(join(folder, 'v.json'), vocabulary);
  });
  afterEach(() => rm(folder, { recursive: true }));

  const spec = (model: string): JudgeSpec => ({ kind: 'classifier', model, vocabulary: join(folder, 'v.json') });
  const score = async (judge: Judge) => {
    const [verdict] = await judge.judge([{ text: 'fool' }]);
    return verdict?.kind === 'judged' && Math.round(10 * verdict.score);
  };

  it('are built once for many requests, at the same time or one after another', async () => {
    const keeper = createJudgeKeeper(host);
    assert.deepEqual(await Promise.all([keeper.use(spec('a'), score), keeper.use(spec('a'), score)]), [9, 9]);
    await keeper.use(spec('a'), score);
    assert.deepEqual(opened, ['a']);
    await keeper.dispose();
    assert.deepEqual(open, []);
  });

  it('are built anew when a file of theirs changes', async () => {
    const keeper = createJudgeKeeper(host);
    const hash = () => keeper.use(spec('a'), (judge) => Promise.resolve(judge.hash));
    const before = await hash();
    await writeFile(join(folder, 'v.json'), vocabulary.replace('"fool":1', '"fool":1,"idiot":2'));
    assert.notEqual(await hash(), before);
    assert.deepEqual(opened, ['a', 'a']);
  });

  it('go when others are used, the longest unused first, but not while they are in use', async () => {
    const keeper = createJudgeKeeper(host, { most: 1 });
    await keeper.use(spec('a'), async () => {
      await keeper.use(spec('b'), score);
      await keeper.use(spec('c'), score);
      assert.deepEqual(open, ['a', 'c']);
    });
    assert.deepEqual(open, ['a']);
  });

  it('go when nobody has used them for a while', async () => {
    const keeper = createJudgeKeeper(host, { idle: 5 });
    await keeper.use(spec('a'), score);
    assert.deepEqual(open, ['a']);
    await until(() => open.length === 0);
  });

  it('that cannot be built say why each time, and leave nothing open', async () => {
    const keeper = createJudgeKeeper(host);
    const judges = [spec('slow'), spec('broken')].map((one) => one as Extract<JudgeSpec, { kind: 'classifier' }>);
    for (let tries = 1; tries <= 2; tries++) {
      await assert.rejects(keeper.use({ kind: 'combined', judges }, score), /broken/);
      assert.deepEqual([open, opened.length], [[], tries]);
    }
  });

  it('that fail in one request serve the next', async () => {
    const keeper = createJudgeKeeper(host);
    await assert.rejects(
      keeper.use(spec('a'), () => Promise.reject(new Error('once'))),
      /once/,
    );
    assert.equal(await keeper.use(spec('a'), score), 9);
    assert.deepEqual(opened, ['a']);
  });
});
