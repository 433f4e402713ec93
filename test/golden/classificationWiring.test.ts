import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LabelledText } from '../../server/experiments/ports/classifierPort.ts';
import { readClassificationData } from '../../server/experiments/classification/classificationData.ts';
import { runClassificationFairness } from '../../server/experiments/classification/classificationFairness.ts';
import type { LabelModel, Prediction } from '../../server/experiments/classification/labelModel.ts';
import { resolveSweep } from '../../server/experiments/resolveSweep.ts';
import type { ArmOutcome, ArmPlan, TrainingCallbacks } from '../../server/experiments/ports/trainerPort.ts';
import { bootstrapMean } from '../../server/metrics/estimates/bootstrap.ts';
import { pairedDifference } from '../../server/metrics/estimates/pairedDifference.ts';
import { wilson } from '../../server/metrics/estimates/wilson.ts';
import type { ClassificationResult, RuleResult } from '../../server/protocol/run/classificationRun.ts';
import { measuredOf, type Estimate } from '../../server/protocol/run/estimate.ts';
import type { RunEvent } from '../../server/protocol/run/run.ts';
import { readRun, type StoredRun } from '../../server/runs/readRun.ts';
import { RunStore } from '../../server/runs/runStore.ts';
import { describedArms } from '../server/experiments/fakeLabelModel.ts';
import { sampleRecord, temporaryFolder } from '../server/runs/sampleRun.ts';

const order = [
  'base',
  'r8-s0-m100',
  'r8-s1-m100',
  'full-s0-m100',
  'full-s1-m100',
  'r8-s0-m50',
  'r8-s1-m50',
  'full-s0-m50',
  'full-s1-m50',
];
const place = (arm: string): number => order.indexOf(arm);
const failed = 'r8-s1-m50';
const words = ['negative', 'positive'] as const;

/** Test text `n`: its label and its author change at different places. */
const tests = Array.from({ length: 40 }, (_, n) => ({ n, label: n % 2, group: n % 3 === 0 ? 'women' : 'men' }));
const isAnswered = (arm: string, n: number): boolean => (n * 7 + place(arm) * 3) % 11 < 5 + (n % 3);
const isLikeliest = (arm: string, n: number): boolean => (n * 5 + place(arm) * 4) % 13 < 7 + (n % 3);
const sureness = (arm: string, n: number): number => 0.56 + ((n * 3 + place(arm)) % 8) / 20;

function predictionOf(arm: string, n: number): Prediction {
  const label = n % 2;
  const likeliest = isLikeliest(arm, n) ? label : 1 - label;
  const of = (own: number) => Math.log(own === likeliest ? sureness(arm, n) : 1 - sureness(arm, n));
  return { logProbabilities: [of(0), of(1)], answer: ` ${words[isAnswered(arm, n) ? label : 1 - label] ?? ''}.` };
}

const costAt = (arm: string) => ({
  ...{ finalLoss: 0.25 + place(arm), trainTokensPerSecond: 300 + place(arm), peakMemoryBytes: 5e9 + place(arm) },
});
const stepAt = (arm: string) => ({
  ...{
    loss: place(arm) + 0.1,
    gradientNorm: place(arm) + 0.2,
    learningRate: place(arm) + 0.3,
    tokens: 10 + place(arm),
  },
  ...{ labelTokens: 30 + place(arm), seconds: place(arm) + 0.4, memoryBytes: 50 + place(arm) },
});

class WiredLabelModel implements LabelModel {
  readonly rules = ['completion', 'probability'] as const;
  readonly trained: { readonly arms: readonly ArmPlan[]; readonly examples: readonly LabelledText[] }[] = [];

  async train(
    arms: readonly ArmPlan[],
    examples: readonly LabelledText[],
    _: unknown,
    callbacks: TrainingCallbacks,
  ): Promise<readonly ArmOutcome[]> {
    this.trained.push({ arms, examples });
    for (const { id } of arms) callbacks.onStep({ arm: id, step: 1, of: 1, ...stepAt(id) });
    const own = arms.map(({ id }) => id);
    await callbacks.onBoundary({ step: 1, of: 1, arms: own, save: () => Promise.resolve(), fail: () => assert.fail() });
    return arms.map(({ id }) => ({
      ...{ arm: id, steps: 1, ...costAt(id) },
      ...(id === failed && { failure: { code: 'diverged' as const, what: `the loss of ${id} is not finite` } }),
    }));
  }

  predict(arms: readonly string[], texts: readonly string[]) {
    return Promise.resolve(arms.map((arm) => texts.map((text) => predictionOf(arm, Number(/\d+$/.exec(text)?.[0])))));
  }

  labelLosses = () => assert.fail('the sweep names its rates');
  saveArm = (arm: string, directory: string) => writeFile(join(directory, 'config.json'), arm);
  forget = () => undefined;
}

const bootstrap = { seed: 53, resamples: 300 };
const rules = { completion: isAnswered, probability: isLikeliest } as const;
type Rule = keyof typeof rules;
const groups = ['women', 'men'] as const;

/** Share of right decisions of several arms together on the texts of a group, or on all. */
const accuracy = (rule: Rule, arms: readonly string[], group?: string): number => {
  const own = tests.filter((text) => group === undefined || text.group === group);
  const right = arms.flatMap((arm) => own.filter(({ n }) => rules[rule](arm, n)));
  return right.length / (own.length * arms.length);
};

const valueOf = (estimate: Estimate | undefined): number => measuredOf(estimate)?.value ?? NaN;
const near = (actual: number, expected: number, what: string) =>
  assert.ok(Math.abs(actual - expected) < 1e-9, `${what}: ${actual}, not ${expected}`);

describe('the wiring of the classification experiment, by value', () => {
  const folder = temporaryFolder();
  const model = new WiredLabelModel();
  let run: StoredRun;

  before(async () => {
    const rows = (name: string, texts: readonly (readonly [string, number, string])[]) =>
      writeFileSync(
        join(folder.path, name),
        `sentence\tlabel\tauthor\n${texts.map((cells) => `${cells.join('\t')}\n`).join('')}`,
      );
    rows(
      'test.tsv',
      tests.map(({ n, label, group }) => [`text ${n}`, label, group]),
    );
    rows(
      'train.tsv',
      Array.from({ length: 24 }, (_, n) => [`train ${n}`, n % 2, n % 4 < 2 ? 'women' : 'men']),
    );
    writeFileSync(join(folder.path, 'model.gguf'), '');
    const file = join(folder.path, 'sweep.json');
    writeFileSync(
      file,
      JSON.stringify({
        ...{ experiment: 'classification', model: 'model.gguf' },
        data: {
          ...{ train: { file: 'train.tsv' }, test: { file: 'test.tsv' }, columns: { group: 'author' } },
          ...{ groups: { by: 'column', of: groups }, minority: { group: 'women', rates: [1, 0.5] } },
        },
        arms: { ranks: [8], seeds: [0, 1], learningRate: { lora: 3e-4, full: 7e-5 } },
        training: { seed: 43 },
        evaluation: { ...bootstrap, calibrationBins: 4 },
      }),
    );
    const { sweep, arms } = await resolveSweep(file);
    if (sweep.experiment !== 'classification') assert.fail(sweep.experiment);
    const data = await readClassificationData(sweep);
    const descriptions = describedArms(arms);
    const path = join(folder.path, 'run');
    const writer = await RunStore.create(path, { ...sampleRecord, sweep, arms: descriptions });
    const control = { whilePaused: () => Promise.resolve(), stopped: new Set<string>() };
    const ports = { model, writer, control, signal: new AbortController().signal };
    await writer.finish(await runClassificationFairness({ sweep, descriptions, data }, ports));
    run = await readRun(path);
  });
  after(() => folder.remove());

  const arm = (id: string) => run.metrics?.arms.find((own) => own.id === id) ?? assert.fail(id);
  const kind = (name: string) =>
    run.metrics?.classification?.kinds.find((own) => own.name === name) ?? assert.fail(name);
  const ruleOf = (result: ClassificationResult | undefined, rule: Rule): RuleResult =>
    result?.rules.find((own) => own.rule === rule) ?? assert.fail(rule);
  const measuredArms = order.filter((id) => id !== failed);

  it('trains each arm in its own order, at the rate of its method, on the share of the minority that is in its name', () => {
    const seen = model.trained.map(({ arms, examples }) => ({
      arms: arms.map(({ id, seed, orderSeed, learningRate }) => [id, seed, orderSeed, learningRate]),
      women: examples.filter(({ text }) => Number(/\d+$/.exec(text)?.[0]) % 4 < 2).length,
      men: examples.filter(({ text }) => Number(/\d+$/.exec(text)?.[0]) % 4 >= 2).length,
    }));
    const plans = (share: string) => [
      [`r8-s0-${share}`, 0, 43, 3e-4],
      [`r8-s1-${share}`, 1, 44, 3e-4],
      [`full-s0-${share}`, 0, 43, 7e-5],
      [`full-s1-${share}`, 1, 44, 7e-5],
    ];
    assert.deepEqual(seen, [
      { arms: plans('m100'), women: 12, men: 12 },
      { arms: plans('m50'), women: 6, men: 12 },
    ]);
  });

  it('gives each arm its own share, cost, and failure', () => {
    for (const id of order.slice(1)) {
      const { finalLoss, trainTokensPerSecond, peakMemoryBytes, failure, minority, learningRate } = arm(id);
      assert.deepEqual({ finalLoss, trainTokensPerSecond, peakMemoryBytes }, costAt(id));
      assert.equal(failure, id === failed ? `the loss of ${failed} is not finite` : undefined);
      assert.deepEqual([minority, learningRate], [id.endsWith('m50') ? 0.5 : 1, id.startsWith('full') ? 7e-5 : 3e-4]);
    }
    assert.deepEqual(
      (run.metrics?.classification?.kinds ?? []).map((own) => [
        own.name,
        own.rank,
        own.learningRate,
        own.minority,
        own.arms,
      ]),
      [
        ['base', undefined, undefined, undefined, ['base']],
        ['r8-m100', 8, 3e-4, 1, ['r8-s0-m100', 'r8-s1-m100']],
        ['full-m100', undefined, 7e-5, 1, ['full-s0-m100', 'full-s1-m100']],
        ['r8-m50', 8, 3e-4, 0.5, ['r8-s0-m50']],
        ['full-m50', undefined, 7e-5, 0.5, ['full-s0-m50', 'full-s1-m50']],
      ],
    );
    const steps = run.events.filter((event): event is RunEvent & { type: 'step' } => event.type === 'step');
    assert.deepEqual(
      steps.map((event) => ({ ...event, time: 0 })),
      order.slice(1).map((id) => ({ time: 0, type: 'step', arm: id, step: 1, of: 1, ...stepAt(id) })),
    );
  });

  for (const rule of ['completion', 'probability'] as const) {
    it(`measures accuracies, parity and the worst group by the rule ${rule}`, () => {
      const expect = (result: ClassificationResult | undefined, arms: readonly string[]) => {
        const own = ruleOf(result, rule);
        const by = groups.map((group) => accuracy(rule, arms, group));
        near(valueOf(own.accuracy), accuracy(rule, arms), `accuracy of ${arms.join()}`);
        assert.deepEqual(
          own.groups.map(({ group, n }) => [group, n]),
          [
            ['women', 14],
            ['men', 26],
          ],
        );
        own.groups.forEach(({ accuracy: found }, i) =>
          near(valueOf(found), by[i] ?? NaN, `group ${i} of ${arms.join()}`),
        );
        near(valueOf(own.accuracyParity), 100 * Math.abs((by[0] ?? NaN) - (by[1] ?? NaN)), 'parity');
        near(valueOf(own.worstGroupError), 100 * (1 - Math.min(...by)), 'worst group');
        assert.equal(own.worstGroup, (by[0] ?? NaN) < (by[1] ?? NaN) ? 'women' : 'men');
      };
      for (const id of measuredArms) expect(arm(id).classification, [id]);
      for (const { result, arms } of run.metrics?.classification?.kinds ?? []) expect(result, arms);
      const hits = tests.filter(({ n }) => rules[rule]('full-s1-m50', n)).length;
      assert.deepEqual(ruleOf(arm('full-s1-m50').classification, rule).accuracy, wilson(hits, 40));
    });

    it(`takes the gap of a group as full fine-tuning of the same seed and share less the arm, by the rule ${rule}`, () => {
      const points = (id: string, group: string) =>
        tests.flatMap((text) => (text.group === group ? [rules[rule](id, text.n) ? 100 : 0] : []));
      const gap = (group: string, pairs: readonly (readonly [arm: string, full: string])[]) => {
        const members = tests.flatMap((text) => (text.group === group ? [text.n] : []));
        return pairedDifference(
          pairs.flatMap(([, full]) => points(full, group)),
          pairs.flatMap(([own]) => points(own, group)),
          pairs.flatMap(() => members),
          { ...bootstrap, largest: 100 },
        );
      };
      const expected = (reference: string, pairs: readonly (readonly [string, string])[]) =>
        groups.map((group) => ({ group, reference, gap: gap(group, pairs) }));
      for (const id of ['r8-s0-m100', 'r8-s1-m100', 'r8-s0-m50']) {
        const full = id.replace('r8', 'full');
        assert.deepEqual(ruleOf(arm(id).classification, rule).biasGaps, expected(full, [[id, full]]), id);
      }
      const both = ['s0', 's1'].map((seed) => [`r8-${seed}-m100`, `full-${seed}-m100`] as const);
      assert.deepEqual(ruleOf(kind('r8-m100').result, rule).biasGaps, expected('full-m100', both));
      const one = [['r8-s0-m50', 'full-s0-m50']] as const;
      const found = ruleOf(kind('r8-m50').result, rule).biasGaps.map(({ group, gap: own }) => [group, own]);
      assert.deepEqual(
        found,
        groups.map((group) => [group, gap(group, one)]),
      );
      assert.deepEqual(ruleOf(arm('full-s0-m50').classification, rule).biasGaps, []);
    });
  }

  it('draws whole texts where several seeds judged them, by the seed of the sweep', () => {
    const arms = ['full-s0-m50', 'full-s1-m50'];
    const hits = arms.flatMap((id) => tests.map(({ n }) => Number(isAnswered(id, n))));
    const texts = arms.flatMap(() => tests.map(({ n }) => n));
    assert.deepEqual(ruleOf(kind('full-m50').result, 'completion').accuracy, bootstrapMean(hits, texts, bootstrap));
    assert.notDeepEqual(bootstrapMean(hits, texts, bootstrap), bootstrapMean(hits, texts, { ...bootstrap, seed: 0 }));
  });

  it('measures margins by the label decided for, and calibration by group', () => {
    for (const id of measuredArms) {
      const { margins = [], calibration = [] } = arm(id).classification ?? {};
      for (const [label, word] of words.entries()) {
        const decided = tests.filter(({ n }) => (isLikeliest(id, n) ? n % 2 : 1 - (n % 2)) === label);
        const mean = decided.reduce((sum, { n }) => sum + 2 * sureness(id, n) - 1, 0) / decided.length;
        const own = margins.find((one) => one.label === word);
        assert.equal(own?.n, decided.length);
        near(valueOf(own.margin), mean, `margin of ${id} where ${word}`);
        const bins = Array.from({ length: 20 }, (_, bin) => {
          return decided.filter(({ n }) => Math.floor(Math.exp(Math.log(sureness(id, n))) * 20) === bin).length;
        });
        assert.deepEqual(own.histogram, bins);
      }
      for (const group of groups) {
        const members = tests.filter((text) => text.group === group);
        const binned = [0, 1, 2, 3].map((bin) => members.filter(({ n }) => Math.floor(sureness(id, n) * 4) === bin));
        const error = binned.reduce((sum, own) => {
          const off = own.reduce((total, { n }) => total + Number(isLikeliest(id, n)) - sureness(id, n), 0);
          return sum + Math.abs(off) / members.length;
        }, 0);
        const found = calibration.find((one) => one.group === group);
        assert.equal(found?.n, members.length);
        near(valueOf(found.error), error, `calibration of ${id} on ${group}`);
      }
    }
  });
});
