import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readClassificationData } from '../../../server/experiments/classification/classificationData.ts';
import { runClassificationFairness } from '../../../server/experiments/classification/classificationFairness.ts';
import { resolveSweep } from '../../../server/experiments/resolveSweep.ts';
import type { RunMetrics } from '../../../server/protocol/run/run.ts';
import { sweepFileSchema } from '../../../server/protocol/sweep/experiments.ts';
import type { ModelDescription } from '../../../server/protocol/messages/worker.ts';
import { RunStore } from '../../../server/runs/runStore.ts';
import { findFile, labelledData } from '../../../server/cli/recipes/findData.ts';
import { items, type Ingredients } from '../../../server/cli/recipes/recipe.ts';
import { recipes } from '../../../server/cli/recipes/recipes.ts';
import { tunedSweep } from '../../../server/cli/recipes/tunedSweep.ts';
import type { ToxicitySweep } from '../../../server/protocol/sweep/toxicitySweep.ts';
import { reproducedRun } from '../report/reproduction/reproducedRun.ts';
import { describedArms, FakeLabelModel } from '../experiments/fakeLabelModel.ts';
import { sampleRecord } from '../runs/sampleRun.ts';
import { rankscope } from './fakeEngine.ts';

const description: ModelDescription = {
  reference: 'm',
  path: 'm',
  family: 'bert',
  task: 'sequence-classification',
  parameters: 1000,
  layers: 1,
  hiddenSize: 8,
  vocabulary: 100,
  storage: 'F32',
  bytes: 4000,
  hasTokenizer: true,
  hasChatTemplate: false,
  defaultTargets: ['query', 'value'],
  largestRank: 8,
};

/** SST2 without a header, IMDb as one file and HONEST, as they lie in a folder of data. */
function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rankscope-data-'));
  mkdirSync(join(folder, 'sst2'));
  const rows = (count: number): string =>
    Array.from({ length: count }, (_, i) => `a good film ${count} ${i}\t1\na bad film ${count} ${i}\t0\n`).join('');
  writeFileSync(join(folder, 'sst2', 'train.tsv'), rows(30));
  writeFileSync(join(folder, 'sst2', 'dev.tsv'), rows(10));
  writeFileSync(join(folder, 'imdb_sample.csv'), 'text,label\n"fine, really",1\ndull,0\n');
  for (const name of ['binary_en_template.tsv', 'queer_nonqueer_en_template.tsv', 'hurtlex_EN.tsv', 'model.gguf']) {
    writeFileSync(join(folder, name), '');
  }
  return folder;
}

/** What the engine does for `sweep.start`, with a model of a few lines. */
async function startRun({ file, run }: { readonly file: string; readonly run: string }): Promise<RunMetrics> {
  const { sweep, arms } = await resolveSweep(file);
  if (sweep.experiment !== 'classification') assert.fail(sweep.experiment);
  const descriptions = describedArms(arms);
  const writer = await RunStore.create(run, { ...sampleRecord, sweep, arms: descriptions });
  const data = await readClassificationData(sweep);
  const control = { whilePaused: () => Promise.resolve(), stopped: new Set<string>() };
  const ports = { model: new FakeLabelModel(), writer, control, signal: new AbortController().signal };
  const metrics = await runClassificationFairness({ sweep, descriptions, data }, ports);
  await writer.finish(metrics);
  return metrics;
}

describe('rankscope reproduce', () => {
  let data = '';
  beforeEach(() => (data = dataFolder()));
  afterEach(() => rmSync(data, { recursive: true, force: true }));

  const given = (over: Partial<Ingredients>): Ingredients => ({
    item: 'table1',
    scale: 'paper',
    model: join(data, 'model.gguf'),
    isEncoder: false,
    parameters: 1e8,
    data,
    datasets: ['IMDb', 'SST2'],
    seeds: 1,
    threads: 0,
    generator: 'owner/generator',
    ...over,
  });

  for (const item of items) {
    for (const scale of ['small', 'paper'] as const) {
      it(`makes valid sweeps of ${item} at ${scale} scale that say what they repeat`, () => {
        for (const { sweep } of recipes[item].sweeps(given({ item, scale }))) {
          const parsed = sweepFileSchema.parse(sweep);
          assert.equal(parsed.reproduces?.item, item);
          assert.equal(parsed.experiment, recipes[item].experiment);
        }
      });
    }
  }

  it("has the paper's settings at paper scale", () => {
    const [imdb, sst2] = recipes.table1.sweeps(given({})).map(({ sweep }) => sweepFileSchema.parse(sweep));
    if (imdb?.experiment !== 'classification' || sst2?.experiment !== 'classification') assert.fail('experiment');
    assert.deepEqual(imdb.arms.ranks, [2, 8, 64]);
    assert.equal(imdb.arms.learningRate, 2e-5);
    assert.deepEqual([imdb.training.epochs, imdb.training.batchSize], [5, 16]);
    assert.deepEqual([imdb.data.minority?.group, sst2.data.minority?.group], ['positive', 'negative']);
    assert.equal(sst2.data.train.limit, undefined);
    const large = recipes.table1.sweeps(given({ parameters: 1.3e9 })).map(({ sweep }) => sweepFileSchema.parse(sweep));
    assert.deepEqual([large[0]?.training.epochs, large[0]?.training.weightDecay], [1, 0.25]);
  });

  it('finds data by its usual names, below the folder too', () => {
    assert.deepEqual(labelledData(data, 'SST2'), {
      train: { file: join(data, 'sst2', 'train.tsv'), header: false },
      test: { file: join(data, 'sst2', 'dev.tsv'), header: false },
    });
    writeFileSync(join(data, 'sst2', 'train.tsv'), 'sentence\tlabel\nfine\t1\n');
    assert.equal(labelledData(data, 'SST2').train.header, true);
    assert.equal(findFile(data, /^dev\.tsv$/), join(data, 'sst2', 'dev.tsv'));
    assert.equal(labelledData(data, 'IMDb').train.file, join(data, 'imdb_sample.csv'));
    mkdirSync(join(data, 'aclImdb'));
    assert.equal(labelledData(data, 'IMDb').train.file, join(data, 'aclImdb', 'train'));
    assert.throws(() => labelledData(data, 'Rotten Tomatoes'), /there is no file of Rotten Tomatoes.*--data FOLDER/);
  });

  it("writes the run and its report, with the paper's numbers and claims, and does not run it twice", async () => {
    let started = 0;
    const handlers = {
      'models.describe': () => Promise.resolve(description),
      'sweep.start': (params: { readonly file: string; readonly run: string }) => ((started += 1), startRun(params)),
    };
    const out = join(data, 'out');
    const args = ['reproduce', 'table1', '--model', 'owner/bert', '--data', data, '--dataset', 'sst2', '--out', out];
    const first = await rankscope(args, { handlers });
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stdout, /The paper's table 1/);
    assert.match(first.stdout, /17\.4/);
    assert.match(first.stdout, /- (seen|not seen|undecided): The minority's harmful bias gap falls, in magnitude/);
    assert.match(first.stdout, /Trained on at most 45 examples; the paper on 67,300/);
    assert.ok(existsSync(join(out, 'sst2', 'metrics.json')));
    assert.match(readFileSync(join(out, 'table1-sst2.html'), 'utf8'), /Table 1 of arXiv 2405\.18572 on SST2/);
    const second = await rankscope(args, { handlers });
    assert.equal(second.status, 0);
    assert.match(second.stderr, /is finished already/);
    assert.equal(started, 1);
    assert.equal(second.left, 0);
  });

  it('tunes rates in a second sweep of the same question, with one alpha for all ranks', () => {
    for (const scale of ['small', 'paper'] as const) {
      const [{ sweep } = assert.fail()] = recipes.figure2.sweeps(given({ item: 'figure2', scale }));
      const tuned = sweepFileSchema.parse(tunedSweep(sweep));
      const own = sweepFileSchema.parse(sweep);
      assert.deepEqual([own.arms.alpha, tuned.arms.alpha], ['2r', 32]);
      assert.equal(tuned.arms.learningRate, 'tune');
      assert.equal(tuned.training.gradientAccumulation, 'auto');
      const { name: _, settings: __, arms: ___, training: ____, ...question } = tuned as ToxicitySweep;
      const { name: _____, settings: ______, arms: _______, training: ________, ...asked } = own as ToxicitySweep;
      assert.deepEqual(question, asked);
    }
  });

  it("says what became of each claim at the paper's settings and with rates tuned", async () => {
    const out = join(data, 'twice');
    const runs = [
      await reproducedRun({ item: 'figure2', cleanAfter: { r2: 99, r8: 2, full: 2 }, run: join(out, 'honest') }),
      await reproducedRun({ item: 'figure2', cleanAfter: { r2: 2, r8: 2, full: 2 }, run: join(out, 'honest-tuned') }),
    ];
    runs.forEach((run) => run.remove());
    const causal = { ...description, task: 'causal-lm' as const };
    const handlers = { 'models.describe': () => Promise.resolve(causal) };
    const args = ['reproduce', 'figure2', '--model', 'owner/model', '--data', data, '--out', out];
    const both = await rankscope(args, { handlers });
    assert.equal(both.status, 0, both.stderr);
    const table = both.stdout.slice(both.stdout.lastIndexOf("the paper's claim"));
    const verdicts = table
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/).slice(1));
    assert.deepEqual(verdicts, [
      ["at the paper's settings", 'with rates tuned'],
      ['seen', 'undecided'],
      ['seen', 'not seen'],
      ['seen', 'seen'],
    ]);
    const one = await rankscope([...args, '--settings', 'tuned'], { handlers });
    assert.match(one.stdout, /- not seen: The lowest rank retains/);
    assert.ok(!one.stdout.includes("at the paper's settings"));
  });

  it('says what it cannot do', async () => {
    const handlers = { 'models.describe': () => Promise.resolve(description) };
    const unknown = await rankscope(['reproduce', 'figure9', '--model', 'm']);
    assert.equal(unknown.status, 2);
    assert.match(unknown.stderr, /"figure9" has no recipe; there are table1, figure2/);
    const completes = await rankscope(['reproduce', 'figure2', '--model', 'm', '--data', data], { handlers });
    assert.match(completes.stderr, /figure2 completes prompts, which the bert model m does not/);
    const dataset = await rankscope(['reproduce', 'table1', '--model', 'm', '--dataset', 'mnli'], { handlers });
    assert.match(dataset.stderr, /--dataset is "mnli"/);
  });
});
