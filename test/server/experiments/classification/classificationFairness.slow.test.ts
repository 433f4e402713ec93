import assert from 'node:assert/strict';
import { readClassificationData } from '../../../../server/experiments/classification/classificationData.ts';
import { runClassificationFairness } from '../../../../server/experiments/classification/classificationFairness.ts';
import { resolveSweep } from '../../../../server/experiments/resolveSweep.ts';
import type { RuleResult } from '../../../../server/protocol/run/classificationRun.ts';
import { measuredOf, type Estimate } from '../../../../server/protocol/run/estimate.ts';
import type { ClassificationSweepFile } from '../../../../server/protocol/sweep/classificationSweep.ts';
import type { ArmDescription, RunMetrics } from '../../../../server/protocol/run/run.ts';
import { readRunMetrics } from '../../../../server/protocol/run/runChecks.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { RunStore } from '../../../../server/runs/runStore.ts';
import { readRun } from '../../../../server/runs/readRun.ts';
import { sampleRecord } from '../../runs/sampleRun.ts';
import { classificationFolder, type ClassificationFolder } from './classificationFolder.ts';
import { FakeLabelModel } from '../fakeLabelModel.ts';

const freely = { whilePaused: () => Promise.resolve(), stopped: new Set<string>() };

const value = (measured: Estimate | undefined): number | string =>
  measured === undefined ? 'absent' : 'unmeasured' in measured ? measured.unmeasured : measured.value;

describe('runClassificationFairness', () => {
  const folders: ClassificationFolder[] = [];
  afterEach(() => folders.splice(0).forEach((folder) => folder.remove()));

  function newFolder(over?: Partial<ClassificationSweepFile>): ClassificationFolder {
    const folder = classificationFolder(over);
    folders.push(folder);
    return folder;
  }

  async function prepare(folder: ClassificationFolder) {
    const { sweep, arms } = await resolveSweep(folder.file);
    if (sweep.experiment !== 'classification') assert.fail(sweep.experiment);
    const data = await readClassificationData(sweep);
    const descriptions = [
      { id: 'base', method: 'base' as const, seed: 0, trainableParameters: 0 },
      ...arms.map((plan): ArmDescription => {
        const { id, method, seed, learningRate, minority } = plan;
        const rank = plan.method === 'lora' ? { rank: plan.rank } : {};
        const rate = learningRate === undefined ? {} : { learningRate };
        return { id, method, seed, ...rate, trainableParameters: 1, ...rank, ...(minority && { minority }) };
      }),
    ];
    return { sweep, descriptions, data, record: { ...sampleRecord, sweep, arms: descriptions } };
  }

  async function run(
    folder: ClassificationFolder,
    model = new FakeLabelModel(),
    { resume = false, signal = new AbortController().signal } = {},
  ): Promise<RunMetrics> {
    const { record, ...work } = await prepare(folder);
    const store = resume ? await RunStore.resume(folder.run) : await RunStore.create(folder.run, record);
    try {
      const metrics = await runClassificationFairness(work, { model, writer: store, control: freely, signal });
      await store.finish(metrics);
      return metrics;
    } catch (error) {
      await store.abandon(error);
      throw error;
    }
  }

  const ruleOf = (metrics: RunMetrics, arm: string, rule: string): RuleResult => {
    const found = metrics.arms.find(({ id }) => id === arm)?.classification?.rules.find((own) => own.rule === rule);
    assert.ok(found, `${arm} has no ${rule}`);
    return found;
  };

  it('trains all arms anew at each share of the minority, and lets them go before the next', async () => {
    const model = new FakeLabelModel();
    const metrics = await run(newFolder(), model);
    assert.deepEqual(model.trained, [
      ['r2-m100', 'r8-m100', 'full-m100'],
      ['r2-m10', 'r8-m10', 'full-m10'],
    ]);
    assert.deepEqual(model.forgotten, model.trained.flat());
    assert.deepEqual(model.predicted, [['base'], ...model.trained]);
    assert.deepEqual(metrics.classification?.training, [
      {
        minority: 1,
        counts: [
          { group: 'negative', n: 20 },
          { group: 'positive', n: 20 },
        ],
      },
      {
        minority: 0.1,
        counts: [
          { group: 'negative', n: 20 },
          { group: 'positive', n: 2 },
        ],
      },
    ]);
    assert.deepEqual(model.options[0]?.length, { epochs: 5 });
    assert.deepEqual(readRunMetrics(JSON.parse(JSON.stringify(metrics))), metrics);
  });

  it('ends its notes with those of the model', async () => {
    const model = Object.assign(new FakeLabelModel(), { notes: () => ['The stored head is used.'] });
    assert.equal((await run(newFolder(), model)).notes.at(-1), 'The stored head is used.');
  });

  it('finds the gap where LoRA gives the rare label up and full fine-tuning does not', async () => {
    const metrics = await run(newFolder());
    for (const rule of ['completion', 'probability']) {
      const r2 = ruleOf(metrics, 'r2-m10', rule);
      assert.deepEqual(
        r2.groups.map(({ accuracy }) => value(accuracy)),
        [1, 0],
      );
      assert.equal(value(r2.accuracyParity), 100);
      assert.equal(value(r2.worstGroupError), 100);
      assert.equal(r2.worstGroup, 'positive');
      assert.deepEqual(
        r2.biasGaps.map(({ group, reference, gap }) => [group, reference, value(gap)]),
        [
          ['negative', 'full-m10', 0],
          ['positive', 'full-m10', 100],
        ],
      );
      assert.equal(value(ruleOf(metrics, 'full-m10', rule).accuracyParity), 0);
      assert.equal(value(ruleOf(metrics, 'r2-m100', rule).accuracyParity), 0);
    }
    assert.deepEqual(ruleOf(metrics, 'full-m10', 'completion').biasGaps, []);
  });

  it('counts answers that hold no label, and takes them for wrong', async () => {
    const base = ruleOf(await run(newFolder()), 'base', 'completion');
    assert.deepEqual(base.answers, { none: 20, several: 0, n: 20 });
    assert.equal(value(base.accuracy), 0);
  });

  it('measures how sure each decision is, and how well that is calibrated', async () => {
    const arm = (await run(newFolder())).arms.find(({ id }) => id === 'r2-m10')?.classification;
    const [negative, positive] = arm?.margins ?? [];
    assert.ok(Math.abs(Number(value(negative?.margin)) - 0.6) < 1e-9);
    assert.deepEqual([negative?.n, negative?.histogram[16], positive?.n], [20, 20, 0]);
    assert.deepEqual(positive?.margin, { unmeasured: 'nothing was decided to be positive' });
    // Negative texts: 80 % sure and always right. Positive ones: 80 % sure and always wrong.
    const errors = arm?.calibration.map(({ error }) => measuredOf(error)?.value.toFixed(6));
    assert.deepEqual(errors, ['0.200000', '0.800000']);
  });

  it('leaves a gap undefined with its reason where a group has no test example', async () => {
    const data = {
      train: { file: 'train.tsv' },
      test: { file: 'test.tsv' },
      columns: { group: 'author' },
      groups: { by: 'column' as const, of: ['women', 'men', 'nonbinary'] },
    };
    const metrics = await run(newFolder({ data }));
    const r2 = ruleOf(metrics, 'r2', 'probability');
    const reason = 'no example belongs to nonbinary';
    assert.deepEqual(r2.accuracyParity, { unmeasured: reason });
    assert.deepEqual(r2.worstGroupError, { unmeasured: reason });
    assert.equal(r2.worstGroup, undefined);
    assert.deepEqual(
      r2.groups.map(({ group, n }) => [group, n]),
      [
        ['women', 10],
        ['men', 10],
        ['nonbinary', 0],
      ],
    );
    assert.deepEqual(r2.groups[2]?.accuracy, { unmeasured: reason });
    assert.deepEqual(r2.biasGaps.find(({ group }) => group === 'nonbinary')?.gap, { unmeasured: reason });
    assert.ok(metrics.notes.some((note) => note.startsWith('No test example belongs to nonbinary')));
  });

  it('puts the seeds of a rank together, each with full fine-tuning of its own seed', async () => {
    const metrics = await run(newFolder({ arms: { ranks: [2], seeds: [0, 1, 2] } }));
    const kinds = metrics.classification?.kinds ?? [];
    assert.deepEqual(
      kinds.map(({ name }) => name),
      ['base', 'r2-m100', 'full-m100', 'r2-m10', 'full-m10'],
    );
    const r2 = kinds.find(({ name }) => name === 'r2-m10');
    assert.deepEqual(r2?.arms, ['r2-s0-m10', 'r2-s1-m10', 'r2-s2-m10']);
    const rule = r2.result.rules[1];
    assert.deepEqual(
      rule?.biasGaps.map(({ reference, gap }) => [reference, value(gap)]),
      [
        ['full-m10', 0],
        ['full-m10', 100],
      ],
    );
    // Sixty decisions, but on twenty texts: the intervals are those of twenty.
    const { accuracy } = rule;
    const { n, low = NaN, high = NaN } = measuredOf(accuracy) ?? {};
    assert.equal(n, 60);
    assert.ok(high - low > 0.3, `${low} to ${high}`);
  });

  it('gives an arm that diverged no result, and the others theirs', async () => {
    const model = new FakeLabelModel();
    model.diverges = 'full-m10';
    const metrics = await run(newFolder(), model);
    const full = metrics.arms.find(({ id }) => id === 'full-m10');
    assert.equal(full?.failure, 'the loss is not finite');
    assert.equal(full.classification, undefined);
    assert.deepEqual(ruleOf(metrics, 'r2-m10', 'probability').biasGaps, []);
  });

  it('gives an arm whose scores are not finite no result but the reason, and the others theirs', async () => {
    const model = new FakeLabelModel();
    model.breaks = 'r2-m10';
    const metrics = await run(newFolder(), model);
    const broken = metrics.arms.find(({ id }) => id === 'r2-m10');
    assert.equal(broken?.failure, 'a class logit is not finite (text 3).');
    assert.equal(broken.classification, undefined);
    const usual = await run(newFolder());
    for (const { id } of usual.arms.filter((own) => own.id !== 'r2-m10')) {
      const of = ({ arms }: RunMetrics) => arms.find((own) => own.id === id)?.classification;
      assert.deepEqual(
        of(metrics)?.rules.map((rule) => rule.accuracy),
        of(usual)?.rules.map((rule) => rule.accuracy),
        id,
      );
    }
  });

  it('goes on after the last share that was completed, within one from where it was cancelled', async () => {
    const folder = newFolder();
    const first = new FakeLabelModel();
    const controller = new AbortController();
    first.beforeBoundary = (step, arms) => {
      if (step === 3 && arms.includes('r2-m10')) controller.abort();
    };
    await assert.rejects(run(folder, first, { signal: controller.signal }), { code: 'cancelled' });
    assert.equal((await readRun(folder.run)).state, 'cancelled');
    const second = new FakeLabelModel();
    const metrics = await run(folder, second, { resume: true });
    assert.deepEqual(second.trained, [['r2-m10', 'r8-m10', 'full-m10']]);
    assert.match(second.options[0]?.resumeFrom ?? '', /step-3$/);
    assert.deepEqual(second.predicted, second.trained);
    const whole = await run(newFolder());
    assert.deepEqual(metrics.classification, whole.classification);
  });

  it('takes no checkpoint of another share', async () => {
    const folder = newFolder();
    const first = new FakeLabelModel();
    const controller = new AbortController();
    first.beforeBoundary = (step, arms) => {
      if (step === 0 && arms.includes('r2-m10')) controller.abort();
    };
    await assert.rejects(run(folder, first, { signal: controller.signal }), RankscopeError);
    const second = new FakeLabelModel();
    await run(folder, second, { resume: true });
    assert.equal(second.options[0]?.resumeFrom, undefined);
  });
});
