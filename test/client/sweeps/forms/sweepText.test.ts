import assert from 'node:assert/strict';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { downloads } from '../../../../client/sweeps/wizard/downloads.ts';
import {
  type ClassificationSweepChoice,
  type ToxicitySweepChoice,
} from '../../../../client/sweeps/forms/sweepChoice.ts';
import { schemaAddress, sweepText } from '../../../../client/sweeps/forms/sweepText.ts';
import { classificationSweepSchema } from '../../../../server/protocol/sweep/classificationSweep.ts';
import { toxicitySweepSchema } from '../../../../server/protocol/sweep/toxicitySweep.ts';
import { sentimentLabels } from '../../../../server/protocol/sweep/textDefaults.ts';

const choice: ToxicitySweepChoice = {
  experiment: 'toxicity',
  name: 'mine',
  model: { kind: 'path', path: '/w/models/small' },
  prompts: '/w/data/prompts.tsv',
  heldOut: '/w/data/held-out-prompts.tsv',
  pairs: '/w/data/pairs.jsonl',
  ranks: [2, 8],
  full: true,
  effort: 'quick',
};

describe('a new sweep file', () => {
  it('is one that the engine takes, with paths from where it lies', () => {
    const text = sweepText(choice, '/w/data');
    const sweep = toxicitySweepSchema.parse(JSON.parse(text));
    assert.equal(sweep.$schema, schemaAddress);
    assert.equal(sweep.model, '../models/small');
    assert.deepEqual(sweep.arms.ranks, [2, 8]);
    assert.match(text, /"file": "held-out-prompts.tsv"/);
  });

  it('names a hub id as it is', () => {
    const hub = { ...choice, model: { kind: 'hub', id: 'owner/name' } as const, effort: 'paper' as const };
    assert.equal(toxicitySweepSchema.parse(JSON.parse(sweepText(hub, '/w/data'))).model, 'owner/name');
  });

  it('compares ranks fairly: one alpha, and rates that are tuned', () => {
    for (const effort of ['quick', 'thorough'] as const) {
      const { arms, settings } = toxicitySweepSchema.parse(JSON.parse(sweepText({ ...choice, effort }, '/w/data')));
      assert.deepEqual([arms.alpha, arms.learningRate, settings], [32, 'tune', undefined]);
    }
  });

  it("names the paper's settings as such", () => {
    const text = sweepText({ ...choice, effort: 'paper' }, '/w/data');
    const { arms, settings, training } = toxicitySweepSchema.parse(JSON.parse(text));
    assert.deepEqual([arms.alpha, arms.learningRate, settings], ['2r', 5e-5, 'paper']);
    assert.deepEqual([training.batchSize, training.gradientAccumulation], [8, 32]);
  });

  it('leaves held-out prompts to their default where there are none', () => {
    const sweep = JSON.parse(sweepText({ ...choice, heldOut: undefined }, '/w')) as { data: object };
    assert.deepEqual(Object.keys(sweep.data), ['prompts', 'pairs']);
  });
});

describe('a new sweep file about labels', () => {
  const labelled: ClassificationSweepChoice = {
    ...{ experiment: 'classification', name: 'mine', model: { kind: 'path', path: '/w/model' } },
    ...{
      train: '/w/data/train.tsv',
      header: false,
      test: '/w/data/dev.tsv',
      labels: sentimentLabels,
      minority: 'negative',
    },
    ...{ ranks: [2, 8], full: true, effort: 'quick' },
  };
  const parsed = (over: Partial<ClassificationSweepChoice> = {}) =>
    classificationSweepSchema.parse(JSON.parse(sweepText({ ...labelled, ...over }, '/w/data')));

  it('is one that the engine takes', () => {
    const { data, training, model, arms } = parsed();
    assert.deepEqual(data.train, { file: 'train.tsv', header: false, limit: 400, sampleSeed: 0 });
    assert.deepEqual(data.test, { file: 'dev.tsv', header: false, limit: 200, sampleSeed: 0 });
    assert.deepEqual(data.minority, { group: 'negative', rates: [1, 0.25], seed: 0 });
    assert.deepEqual(
      data.labels.map(({ word }) => word),
      ['negative', 'positive'],
    );
    assert.deepEqual([training.epochs, model, arms.ranks], [1, '../model', [2, 8]]);
  });

  it('holds out a fifth where there is no test file, and takes all texts in the paper settings', () => {
    const { data, training } = parsed({ test: undefined, minority: undefined, effort: 'paper' });
    assert.deepEqual(data.test, { fraction: 0.2, seed: 0 });
    assert.equal(data.train.file, 'train.tsv');
    assert.equal('limit' in data.train, false);
    assert.equal(data.minority, undefined);
    assert.deepEqual([training.epochs, training.batchSize], [5, 16]);
  });

  it('cuts texts to what a small model reads', () => {
    assert.equal(parsed().data.maxWords, 60);
    assert.equal(parsed({ effort: 'paper' }).data.maxWords, 250);
    assert.equal(parsed({ contextLength: 64 }).data.maxWords, 6);
    assert.equal(parsed({ contextLength: 1024, effort: 'paper' }).data.maxWords, 250);
  });

  it('names labels of its own, and asks about texts then', () => {
    const labels = [
      { word: 'spam', values: ['s'] },
      { word: 'ham', values: ['h'] },
    ];
    const { data, instruction } = parsed({ labels, minority: undefined });
    assert.deepEqual(data.labels, labels);
    assert.match(instruction, /^Text: \{text\}/);
  });
});

describe('what a sweep file would download', () => {
  let folder: string;
  before(async () => (folder = await mkdtemp(path.join(tmpdir(), 'rankscope-downloads-'))));
  after(() => rm(folder, { recursive: true }));

  const of = async (sweep: unknown) => {
    const file = path.join(folder, 'a.sweep.json');
    await writeFile(file, typeof sweep === 'string' ? sweep : JSON.stringify(sweep));
    return downloads(file);
  };

  it('is every model that is no file: base, generator and judge', async () => {
    const judge = { kind: 'llm', model: 'b/judge' };
    const found = await of({ model: 'a/base', data: { counterfactuals: { model: 'a/generator' } }, judge });
    assert.deepEqual(found, ['a/base', 'a/generator', 'b/judge']);
  });

  it('is nothing that is there, and no path', async () => {
    await mkdir(path.join(folder, 'models', 'here'), { recursive: true });
    assert.deepEqual(await of({ model: 'models/here' }), []);
    assert.deepEqual(await of({ model: '../x.gguf' }), []);
    assert.deepEqual(await of('no JSON'), []);
  });
});
