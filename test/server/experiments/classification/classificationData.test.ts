import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  groupCounts,
  readClassificationData,
  withRarerMinority,
} from '../../../../server/experiments/classification/classificationData.ts';
import { askFor } from '../../../../server/experiments/classification/causalLabelModel.ts';
import { resolveSweep } from '../../../../server/experiments/resolveSweep.ts';
import type { ClassificationSweepFile } from '../../../../server/protocol/sweep/classificationSweep.ts';
import { classificationFolder, type ClassificationFolder } from './classificationFolder.ts';

describe('classification data', () => {
  const folders: ClassificationFolder[] = [];
  afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

  async function read(data?: ClassificationSweepFile['data'], files: Readonly<Record<string, string>> = {}) {
    const folder = classificationFolder(data && { data });
    folders.push(folder);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder.path, name), content);
    const { sweep } = await resolveSweep(folder.file);
    if (sweep.experiment !== 'classification') assert.fail(sweep.experiment);
    return { sweep, ...(await readClassificationData(sweep)) };
  }

  it('never trains on a text of the test file', async () => {
    const files = { 'train.tsv': 'text\tlabel\nsame\t1\nother\t0\nmore\t1\n', 'test.tsv': 'text\tlabel\nsame\t1\n' };
    const { training, test } = await read({ train: { file: 'train.tsv' }, test: { file: 'test.tsv' } }, files);
    assert.deepEqual(
      training.map(({ text }) => text),
      ['other', 'more'],
    );
    assert.deepEqual(
      test.map(({ text }) => text),
      ['same'],
    );
  });

  it('holds out the same share of every label', async () => {
    const { training, test, groups } = await read({ train: { file: 'train.tsv' }, test: { fraction: 0.2 } });
    assert.deepEqual(groupCounts(test, groups), [
      { group: 'negative', n: 4 },
      { group: 'positive', n: 4 },
    ]);
    assert.equal(training.length, 32);
  });

  describe('that tune learning rates', () => {
    const texts = (examples: readonly { readonly text: string }[]) => examples.map(({ text }) => text);
    const files = { train: { file: 'train.tsv' }, test: { file: 'test.tsv' } };

    it('are a share of every label where rates are tuned, and are not trained on', async () => {
      const { sweep } = await read(files);
      assert.deepEqual((await readClassificationData(sweep)).tune, []);
      const arms = { ...sweep.arms, learningRate: 'tune' as const };
      const { training, tune, groups } = await readClassificationData({ ...sweep, arms });
      assert.deepEqual(
        groupCounts(tune, groups).map(({ n }) => n),
        [3, 3],
      );
      assert.equal(training.length, 34);
      assert.equal(new Set([...texts(training), ...texts(tune)]).size, 40);
    });

    it('are another share, or a file, as the sweep says', async () => {
      const share = await read({ ...files, tune: { fraction: 0.5, seed: 1 } });
      assert.deepEqual([share.training.length, share.tune.length], [20, 20]);
      const own = { 'own.tsv': 'text\tlabel\nnew\t1\na good film 3\t1\na good play 4\t1\n' };
      const file = await read({ ...files, tune: { file: 'own.tsv' } }, own);
      // A text of the test file tunes nothing.
      assert.deepEqual(texts(file.tune), ['new', 'a good film 3']);
      assert.ok(!texts(file.training).includes('a good film 3') && file.training.length === 39);
    });

    it('are refused where none is left', async () => {
      const few = { 'train.tsv': 'text\tlabel\none\t1\nother\t0\n' };
      await assert.rejects(
        read({ ...files, tune: { fraction: 0.1 } }, few),
        /no example is left to choose learning rates by/,
      );
    });
  });

  it('makes the minority rarer, the fewer of a lower share among those of a higher one', async () => {
    const { sweep, training } = await read();
    const { minority } = sweep.data;
    const kept = [1, 0.5, 0.25, 0.01].map((share) => withRarerMinority(training, minority, share));
    const of = (group: string) => kept.map((own) => own.filter((example) => example.group === group));
    assert.deepEqual(
      of('positive').map((own) => own.length),
      [20, 10, 5, 1],
    );
    assert.deepEqual(
      of('negative').map((own) => own.length),
      [20, 20, 20, 20],
    );
    of('positive').forEach((own, i, all) =>
      assert.ok(own.every((example) => i === 0 || all[i - 1]?.includes(example))),
    );
  });

  it('cuts long texts after their first words', async () => {
    const files = { 'train.tsv': 'text\tlabel\n  one two  three four\t1\nshort\t0\n' };
    const data = { train: { file: 'train.tsv' }, test: { file: 'test.tsv' }, maxWords: 3 };
    const { training } = await read(data, files);
    assert.deepEqual(
      training.map(({ text }) => text),
      ['one two  three', 'short'],
    );
  });

  it('refuses labels, groups and minorities that are not there, with their place', async () => {
    const train = { file: 'train.tsv' };
    const test = { file: 'test.tsv' };
    await assert.rejects(read({ train, test }, { 'train.tsv': 'text\tlabel\na\t7\n' }), /train\.tsv:2: the label "7"/);
    await assert.rejects(read({ train, test, groups: { by: 'column' } }), /the text has no group/);
    const minority = { group: 'neutral' };
    await assert.rejects(read({ train, test, minority }), /no training example belongs to the minority "neutral"/);
    await assert.rejects(read({ train, test: { file: 'train.tsv' } }), /all are test examples/);
  });

  it('asks with the text as it is, whatever it holds', () => {
    const asked = askFor('{text}\nIs it {options}?', ['bad', 'fair', 'good'], 'a {options} $& film');
    assert.equal(asked, 'a {options} $& film\nIs it bad, fair or good?');
  });
});
