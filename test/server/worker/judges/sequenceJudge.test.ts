import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createJudge } from '../../../../server/judges/createJudge.ts';
import { createEngineHost } from '../../../../server/worker/host/engineModel.ts';
import { createJudgeKeeper } from '../../../../server/worker/judges/judgeKeeper.ts';
import { openJudgeModels } from '../../../../server/worker/judges/judgeModels.ts';

interface Oracle {
  /** Under test/oracles/models. */
  readonly folder: string;
  readonly config: object;
  readonly tokenizer: object;
  readonly texts: readonly { readonly text: string; readonly scores: Readonly<Record<string, number>> }[];
}

const oracles = join(import.meta.dirname, '../../../oracles');

describe('a sequence classifier as a judge', () => {
  let folder: string;
  let cacheBefore: string | undefined;
  let all: readonly Oracle[];
  before(async () => (all = JSON.parse(await readFile(join(oracles, 'classifiers.json'), 'utf8')) as Oracle[]));
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rankscope-sequence-'));
    cacheBefore = process.env.RANKSCOPE_CACHE;
    process.env.RANKSCOPE_CACHE = join(folder, 'cache');
  });
  afterEach(async () => {
    if (cacheBefore === undefined) delete process.env.RANKSCOPE_CACHE;
    else process.env.RANKSCOPE_CACHE = cacheBefore;
    await rm(folder, { recursive: true });
  });

  /** The oracle's classifier as a Hugging Face folder. */
  async function modelFolder(oracle: Oracle): Promise<string> {
    const target = join(folder, oracle.folder);
    await cp(join(oracles, 'models', oracle.folder), target, { recursive: true });
    const config = JSON.parse(await readFile(join(target, 'config.json'), 'utf8')) as object;
    await writeFile(join(target, 'config.json'), JSON.stringify({ ...config, ...oracle.config }));
    await writeFile(join(target, 'tokenizer.json'), JSON.stringify(oracle.tokenizer));
    return target;
  }

  it("gives the scores of Transformers' pipeline, of every label and for texts of every length", async () => {
    const keeper = createJudgeKeeper(createEngineHost());
    for (const oracle of all) {
      const model = await modelFolder(oracle);
      const verdicts = await keeper.use({ kind: 'sequence-classifier', model }, (judge) => judge.judge(oracle.texts));
      verdicts.forEach((verdict, i) => {
        const { text, scores } = oracle.texts[i]!;
        assert.ok(verdict.kind === 'judged', `${oracle.folder}: ${JSON.stringify(verdict)}`);
        for (const [label, expected] of Object.entries(scores)) {
          const found = verdict.categories[label] ?? NaN;
          assert.ok(Math.abs(found - expected) < 1e-5, `${oracle.folder}, ${text}, ${label}: ${found} for ${expected}`);
        }
        assert.equal(verdict.score, verdict.categories.toxic);
      });
    }
    await keeper.dispose();
  });

  it("brings the hashes of its model's other files to the record of a run", async () => {
    const oracle = all[0]!;
    const model = await modelFolder(oracle);
    const opened = openJudgeModels(createEngineHost());
    assert.deepEqual(opened.fileHashes(), {});
    await createJudge({ kind: 'sequence-classifier', model }, opened.models);
    const digest = async (name: string): Promise<string> =>
      createHash('sha256')
        .update(await readFile(join(model, name)))
        .digest('hex');
    assert.deepEqual(opened.fileHashes(), {
      [`judge/${model}/config.json`]: await digest('config.json'),
      [`judge/${model}/tokenizer.json`]: await digest('tokenizer.json'),
    });
    await opened.dispose();
  });

  it('is pinned by its tokenizer too', async () => {
    const keeper = createJudgeKeeper(createEngineHost());
    const oracle = all[0]!;
    const model = await modelFolder(oracle);
    const hash = () => keeper.use({ kind: 'sequence-classifier', model }, (judge) => Promise.resolve(judge.hash));
    const before = await hash();
    assert.equal(await hash(), before);
    await writeFile(join(model, 'tokenizer.json'), JSON.stringify({ ...oracle.tokenizer, normalizer: null }));
    assert.notEqual(await hash(), before);
    await keeper.dispose();
  });
});
