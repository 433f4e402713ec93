import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ClassifierTrainingOptions, LabelledText } from '../../../server/experiments/ports/classifierPort.ts';
import type { ArmPlan } from '../../../server/experiments/ports/trainerPort.ts';
import { OpenedClassifier } from '../../../server/worker/host/openedClassifier.ts';
import { largestDifference } from '../../server/engine/models/tinyModel.ts';
import { loraPlan, plainTraining } from '../../server/worker/training/trainingPlans.ts';
import { oracles, python, shared } from './realModel.ts';

/** Folder of a trained BERT encoder, all-MiniLM-L6-v2, and a Python to fine-tune it by PyTorch and PEFT. */
const minilm = process.env.RANKSCOPE_MINILM;
const sst2 = join(shared, 'data/sst2');
/** Training sentences, dev sentences and epochs; by hand with larger ones. */
const [TRAIN, DEV, EPOCHS] = (process.env.RANKSCOPE_SST2 ?? '160,300,1').split(',').map(Number) as [
  number,
  number,
  number,
];

const LORA = loraPlan(8, 5e-3);
const PLANS: readonly ArmPlan[] = [LORA, { id: 'full', method: 'full', seed: 0, orderSeed: 0, learningRate: 3e-4 }];

const OPTIONS: ClassifierTrainingOptions = {
  ...plainTraining,
  length: { epochs: EPOCHS },
  batchSize: 16,
  schedule: 'linear',
  maxLength: 128,
};

interface ArmResult {
  readonly arm: string;
  readonly losses: readonly number[];
  readonly accuracy: number;
  /** Of the first dev sentences. */
  readonly logits: readonly number[];
  readonly seconds: number;
}

async function readSentences(file: string, count: number): Promise<LabelledText[]> {
  const lines = (await readFile(join(sst2, file), 'utf8')).split('\n').slice(0, count);
  return lines.filter(Boolean).map((line) => {
    const [text = '', label] = line.split('\t');
    return { text, label: Number(label) };
  });
}

const openFresh = (): Promise<OpenedClassifier> =>
  OpenedClassifier.open(minilm ?? '', {
    device: 'cpu',
    threads: 2,
    freshHead: { labels: ['negative', 'positive'], seed: 0 },
  });

/** The arms as they start, written for PyTorch. */
async function writeStarts(folder: string, examples: readonly LabelledText[]): Promise<void> {
  const classifier = await openFresh();
  const callbacks = { onStep: () => undefined, onArmFailed: () => undefined };
  await classifier.train(PLANS, examples, OPTIONS, {
    ...callbacks,
    onBoundary: ({ arms }) => Promise.resolve({ stop: arms }),
  });
  for (const { id } of PLANS) {
    await mkdir(join(folder, id));
    await classifier.saveArm(id, join(folder, id));
  }
  await classifier.dispose();
}

async function trainHere(examples: readonly LabelledText[], dev: readonly LabelledText[]): Promise<ArmResult[]> {
  const classifier = await openFresh();
  const losses = new Map<string, number[]>(PLANS.map(({ id }) => [id, []]));
  const seconds = new Map<string, number>();
  await classifier.train(PLANS, examples, OPTIONS, {
    onStep: ({ arm, loss, seconds: took }) => {
      losses.get(arm)?.push(loss);
      seconds.set(arm, (seconds.get(arm) ?? 0) + took);
    },
    onArmFailed: (_, { what }) => assert.fail(what),
    onBoundary: () => Promise.resolve({ stop: [] }),
  });
  const arms = PLANS.map(({ id }) => id);
  const predicted = await classifier.classLogits(
    arms,
    dev.map(({ text }) => text),
  );
  await classifier.dispose();
  return arms.map((arm, a) => {
    const logits = predicted[a] ?? new Float32Array();
    const right = dev.filter(({ label }, i) => Number((logits[2 * i + 1] ?? NaN) > (logits[2 * i] ?? NaN)) === label);
    return {
      arm,
      losses: losses.get(arm) ?? [],
      accuracy: right.length / dev.length,
      logits: [...logits.subarray(0, 40)],
      seconds: seconds.get(arm) ?? NaN,
    };
  });
}

async function trainByPyTorch(folder: string): Promise<readonly ArmResult[]> {
  const out = join(folder, 'pytorch.json');
  const script = join(oracles, 'minilm_sst2.py');
  const options = { '--train': TRAIN, '--dev': DEV, '--epochs': EPOCHS, '--out': out };
  const flags = Object.entries(options).flatMap(([name, value]) => [name, String(value)]);
  const rates = ['--arms', 'r8,full', '--rates', PLANS.map(({ learningRate }) => learningRate).join()];
  await promisify(execFile)(python ?? '', [script, minilm ?? '', sst2, folder, ...rates, ...flags]);
  return (JSON.parse(await readFile(out, 'utf8')) as { readonly arms: readonly ArmResult[] }).arms;
}

if (minilm !== undefined && python !== undefined) {
  describe('MiniLM fine-tuned on SST2', () => {
    it(`goes as PyTorch and PEFT go: ${TRAIN} sentences, ${EPOCHS} epochs`, async function () {
      this.timeout(3_600_000);
      const folder = await mkdtemp(join(tmpdir(), 'sst2-'));
      try {
        const [examples, dev] = [await readSentences('train.tsv', TRAIN), await readSentences('dev.tsv', DEV)];
        await writeStarts(folder, examples);
        const [ours, theirs] = [await trainHere(examples, dev), await trainByPyTorch(folder)];
        for (const [i, own] of ours.entries()) {
          const other = theirs[i];
          assert.ok(other?.arm === own.arm);
          const lossGap = Math.max(
            ...own.losses.slice(0, 20).map((loss, s) => Math.abs(loss - (other.losses[s] ?? NaN))),
          );
          const logitGap = largestDifference(own.logits, other.logits);
          const accuracies = `${(100 * own.accuracy).toFixed(2)} %, PyTorch ${(100 * other.accuracy).toFixed(2)} %`;
          const times = `${own.seconds.toFixed(1)} s, PyTorch ${other.seconds.toFixed(1)} s`;
          process.stdout.write(
            `      ${own.arm}: accuracy ${accuracies}; ${times}; losses of the first steps within ${lossGap.toExponential(1)}, logits within ${logitGap.toExponential(1)}\n`,
          );
          assert.equal(own.losses.length, other.losses.length);
          assert.ok(lossGap < 1e-3, String(lossGap));
          assert.ok(Math.abs(own.accuracy - other.accuracy) <= 0.01, accuracies);
          // A dozen steps are enough to tell two runs apart, and too few to learn much.
          if (TRAIN * EPOCHS >= 1000) assert.ok(own.accuracy > 0.7, 'nothing was learned');
        }
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  });
}
