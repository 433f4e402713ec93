import assert from 'node:assert/strict';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ArmPlan } from '../../../../server/experiments/ports/trainerPort.ts';
import type { ClassifierTrainingOptions, LabelledText } from '../../../../server/experiments/ports/classifierPort.ts';
import { openSafetensors } from '../../../../server/engine/weights/openSafetensors.ts';
import { writeSafetensors } from '../../../../server/engine/weights/writeSafetensors.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { writeDigests } from '../../../../server/runs/folderDigests.ts';
import { createEngineHost } from '../../../../server/worker/host/engineModel.ts';
import { OpenedClassifier, type OpenClassifierOptions } from '../../../../server/worker/host/openedClassifier.ts';
import { loraPlan, plainTraining } from '../training/trainingPlans.ts';
import { folderOf, largestDifference, type Variant } from '../../engine/models/tinyModel.ts';

const VOCABULARY = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', ...Array.from({ length: 43 }, (_, i) => `w${i}`)];
const OPTIONS: OpenClassifierOptions = { device: 'cpu', threads: 1 };
const fresh = (seed: number): OpenClassifierOptions => ({ ...OPTIONS, freshHead: { labels: ['calm', 'toxic'], seed } });

/** Texts whose class their first word tells. */
const EXAMPLES: readonly LabelledText[] = Array.from({ length: 32 }, (_, i) => ({
  text: `w${i % 2 ? 3 : 8} w${i % 40} w${(7 * i) % 40}`,
  label: i % 2,
}));
const TEXTS = EXAMPLES.slice(0, 6).map(({ text }) => text);

const lora = (id: string, rank: number): ArmPlan => loraPlan(rank, 2e-2, { id, seed: 1, orderSeed: 1 });
const full: ArmPlan = { id: 'full', seed: 1, orderSeed: 1, learningRate: 5e-3, method: 'full' };

const TRAINING: ClassifierTrainingOptions = {
  ...plainTraining,
  length: { steps: 60 },
  batchSize: 8,
  clip: 1,
  shuffle: true,
  maxLength: 16,
};
const callbacks = {
  onStep: () => undefined,
  onArmFailed: () => undefined,
  onBoundary: () => Promise.resolve({ stop: [] }),
};

const refusal =
  (code: string, pattern: RegExp) =>
  (error: unknown): boolean =>
    error instanceof RankscopeError && error.code === code && pattern.test(error.message);

describe('OpenedClassifier', () => {
  let folder: string;
  let cacheBefore: string | undefined;
  const opened: OpenedClassifier[] = [];

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'classifier-'));
    cacheBefore = process.env.RANKSCOPE_CACHE;
    process.env.RANKSCOPE_CACHE = join(folder, 'cache');
  });
  afterEach(async () => {
    for (const classifier of opened.splice(0)) await classifier.dispose();
    if (cacheBefore === undefined) delete process.env.RANKSCOPE_CACHE;
    else process.env.RANKSCOPE_CACHE = cacheBefore;
    await rm(folder, { recursive: true });
  });

  /** A model folder with a vocabulary; of its tensors those that `keep` lets through. */
  async function modelFolder(variant: Variant, keep: (name: string) => boolean = () => true): Promise<string> {
    const target = join(folder, variant);
    await cp(folderOf(variant), target, { recursive: true });
    await writeFile(join(target, 'vocab.txt'), VOCABULARY.map((token) => `${token}\n`).join(''));
    const source = await openSafetensors(join(folderOf(variant), 'model.safetensors'));
    const tensors = [];
    for (const { name, shape } of source.tensors.values()) {
      const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
      await source.readInto(name, data);
      if (keep(name)) tensors.push({ name, shape, data });
    }
    await source.close();
    await writeSafetensors(join(target, 'model.safetensors'), tensors);
    return target;
  }

  async function open(reference: string, options = OPTIONS): Promise<OpenedClassifier> {
    const classifier = await OpenedClassifier.open(reference, options);
    opened.push(classifier);
    return classifier;
  }

  const logitsOf = async (classifier: OpenedClassifier, arm: string): Promise<Float32Array> => {
    const [logits] = await classifier.classLogits([arm], TEXTS);
    assert.ok(logits);
    return logits;
  };

  async function configure(model: string, changes: Record<string, unknown>): Promise<void> {
    const file = join(model, 'config.json');
    const config = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    await writeFile(file, JSON.stringify({ ...config, ...changes }));
  }

  for (const variant of ['bert', 'distilbert'] as const) {
    it(`trains adapters and all of a ${variant}, and gives the same back when they are opened again`, async () => {
      const model = await modelFolder(variant);
      const classifier = await open(model, fresh(3));
      assert.deepEqual(classifier.labels, ['calm', 'toxic']);
      const outcomes = await classifier.train([lora('r2', 2), full], EXAMPLES, TRAINING, callbacks);
      assert.ok(
        outcomes.every(({ finalLoss = NaN }) => finalLoss < 0.1),
        JSON.stringify(outcomes),
      );
      const before = await logitsOf(classifier, 'base');
      for (const arm of ['r2', 'full']) {
        const logits = await logitsOf(classifier, arm);
        const classes = TEXTS.map((_, i) => Number((logits[2 * i + 1] ?? NaN) > (logits[2 * i] ?? NaN)));
        assert.deepEqual(classes, [0, 1, 0, 1, 0, 1], arm);
      }
      const [adapter, whole] = [join(folder, 'adapter'), join(folder, 'whole')];
      await mkdir(adapter);
      await classifier.saveArm('r2', adapter);
      await classifier.saveArm('full', whole);
      await classifier.loadAdapter('again', adapter);
      assert.equal(largestDifference(await logitsOf(classifier, 'again'), await logitsOf(classifier, 'r2')), 0);
      await writeDigests(adapter);
      await writeFile(join(adapter, 'adapter_config.json'), ' ', { flag: 'a' });
      const damaged = refusal('run', /adapter_config\.json is not as it was written/);
      await assert.rejects(classifier.loadAdapter('damaged', adapter), damaged);
      const reopened = await open(whole);
      assert.deepEqual(reopened.labels, ['calm', 'toxic']);
      const gap = largestDifference(await logitsOf(reopened, 'base'), await logitsOf(classifier, 'full'));
      assert.ok(gap < 1e-5, String(gap));
      assert.equal(largestDifference(await logitsOf(classifier, 'base'), before), 0);
    });
  }

  it('goes on from a checkpoint to the very same arm', async () => {
    const model = await modelFolder('bert');
    const straight = await open(model, fresh(3));
    await straight.train([lora('r2', 2)], EXAMPLES, { ...TRAINING, length: { steps: 6 } }, callbacks);
    const broken = await open(model, fresh(3));
    const saved = join(folder, 'checkpoint');
    await broken.train(
      [lora('r2', 2)],
      EXAMPLES,
      { ...TRAINING, length: { steps: 6 } },
      {
        ...callbacks,
        onBoundary: async (boundary) => {
          if (boundary.step !== 3) return { stop: [] };
          await boundary.save(saved);
          return { stop: boundary.arms };
        },
      },
    );
    const resumed = await open(model, fresh(3));
    const options = { ...TRAINING, length: { steps: 6 }, resumeFrom: saved };
    await resumed.train([lora('r2', 2)], EXAMPLES, options, callbacks);
    assert.deepEqual(await logitsOf(resumed, 'r2'), await logitsOf(straight, 'r2'));
    assert.notDeepEqual(await logitsOf(broken, 'r2'), await logitsOf(straight, 'r2'));
  });

  it('draws the head of a plain encoder from the seed, pooling layers that it lacks too', async () => {
    const plain = await modelFolder('bert', (name) => !/pooler|classifier/.test(name));
    const [one, same, other] = [await open(plain, fresh(1)), await open(plain, fresh(1)), await open(plain, fresh(2))];
    assert.deepEqual(await logitsOf(one, 'base'), await logitsOf(same, 'base'));
    assert.ok(largestDifference(await logitsOf(one, 'base'), await logitsOf(other, 'base')) > 1e-3);
    // A pooler of 16 x 16 and a head of 2 x 16 with their biases, and adapters of rank 2 on two matrices a layer.
    assert.deepEqual(await one.trainableParameters([lora('r2', 2)]), [272 + 34 + 2 * 2 * 2 * 32]);
    const pooled = await open(await modelFolder('bert'), fresh(1));
    assert.deepEqual(await pooled.trainableParameters([lora('r2', 2)]), [34 + 2 * 2 * 2 * 32]);
  });

  it('cuts long texts at their end and keeps what stands around them', async () => {
    const classifier = await open(await modelFolder('bert'));
    const words = Array.from({ length: 40 }, (_, i) => `w${i}`);
    const [logits] = await classifier.classLogits(['base'], [words.join(' '), words.slice(0, 22).join(' ')]);
    assert.ok(logits);
    assert.equal(classifier.maxLength, 24);
    assert.ok(largestDifference(logits.subarray(0, 2), logits.subarray(2)) < 1e-6);
  });

  it('keeps frozen matrices as float16 on demand', async () => {
    const model = await modelFolder('bert');
    const [wide, half] = [await open(model, fresh(1)), await open(model, { ...fresh(1), weights: 'fp16' })];
    assert.deepEqual(
      (await readdir(join(folder, 'cache'), { recursive: true })).filter((n) => n.endsWith('.bin')).length,
      2,
    );
    // The tiny model's weights are float16 numbers, so that nothing is rounded.
    assert.ok(largestDifference(await logitsOf(half, 'base'), await logitsOf(wide, 'base')) < 1e-6);
    const options = { ...TRAINING, length: { steps: 5 } };
    for (const classifier of [wide, half]) await classifier.train([lora('r2', 2), full], EXAMPLES, options, callbacks);
    for (const arm of ['r2', 'full']) {
      const gap = largestDifference(await logitsOf(half, arm), await logitsOf(wide, arm));
      assert.ok(gap < 1e-4, `${arm}: ${gap}`);
    }
  });

  it('refuses what the machine cannot hold before it reads any weights', async () => {
    const model = await modelFolder('bert');
    const tight = { ...fresh(1), memoryBytes: 2 ** 20 };
    await assert.rejects(open(model, tight), refusal('memory', /needs about 0\.\d GiB/));
    await assert.rejects(readdir(join(folder, 'cache')), /ENOENT/);
  });

  it('refuses what cannot be done, saying why', async () => {
    const model = await modelFolder('bert-3-classes-relu');
    const classifier = await open(model);
    await assert.rejects(classifier.classLogits(['r8'], TEXTS), refusal('run', /"r8"/));
    await assert.rejects(classifier.saveArm('base', folder), refusal('run', /"base"/));
    const wrong = [{ text: 'w1', label: 3 }];
    await assert.rejects(classifier.train([full], wrong, TRAINING, callbacks), refusal('data', /class 3; there are 3/));
    const cancelled = AbortSignal.abort();
    await assert.rejects(classifier.classLogits(['base'], TEXTS, undefined, cancelled), refusal('cancelled', /./));
    await assert.rejects(createEngineHost().openModel(model, OPTIONS), refusal('model', /bert is an encoder/));
    await configure(model, { problem_type: 'multi_label_classification' });
    const several = await open(model);
    assert.equal(several.kind, 'multi-label');
    await assert.rejects(several.train([full], EXAMPLES, TRAINING, callbacks), refusal('config', /multi-label/));
    const plain = await modelFolder('bert', (name) => !name.includes('classifier'));
    await assert.rejects(open(plain), refusal('model', /no classification head: classifier\.weight \[2, 16\]/));
    await assert.rejects(open(await modelFolder('gpt2'), fresh(0)), refusal('model', /gpt2 predicts tokens/));
    const twice = { ...OPTIONS, freshHead: { labels: ['a', 'a'], seed: 0 } };
    await assert.rejects(open(plain, twice), refusal('config', /\["a","a"\]/));
  });
});
