import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import type { Arm } from '../../../../server/engine/generate/armWeights.ts';
import { convertWeights, type ConvertedWeights } from '../../../../server/engine/models/convertedWeights.ts';
import { defineModel } from '../../../../server/engine/models/families/families.ts';
import type { ModelDefinition } from '../../../../server/engine/models/modelDefinition.ts';
import { fitExample } from '../../../../server/engine/train/trainExample.ts';
import { openHuggingFaceFolder } from '../../../../server/engine/checkpoints/openHuggingFaceFolder.ts';
import type {
  ArmOutcome,
  ArmPlan,
  Boundary,
  TrainingOptions,
} from '../../../../server/experiments/ports/trainerPort.ts';
import { trainArms, type ArmExamples, type TrainableModel } from '../../../../server/worker/training/trainArms.ts';
import { CONFIGS, drawWeights } from '../../engine/generate/randomModel.ts';
import { adapterFolder, folderOf, largestDifference } from '../../engine/models/tinyModel.ts';
import { temporaryFolder } from '../../engine/weights/temporaryFolder.ts';
import { checkpointOf } from '../../engine/models/checkpointOf.ts';

const options: TrainingOptions = {
  ...{ length: { steps: 3 }, batchSize: 2, gradientAccumulation: 1, schedule: 'linear', warmup: { steps: 0 } },
  ...{ weightDecay: 0.01, clip: 1, betas: [0.9, 0.999], epsilon: 1e-8, shuffle: true, appendEos: false, maxLength: 20 },
};
const lora = (id: string, rank: number): ArmPlan => ({
  ...{ id, method: 'lora', rank, alpha: 2 * rank, scaling: 'lora', dropout: 0, targets: 'default' },
  ...{ seed: 1, orderSeed: 1, learningRate: 1e-2 },
});
const plans: readonly ArmPlan[] = [
  lora('r2', 2),
  lora('r4', 4),
  { id: 'full', method: 'full', seed: 1, orderSeed: 1, learningRate: 1e-3 },
];
const example = (...ids: number[]) => fitExample(ids.slice(0, 2), ids.slice(2), 20);
const shared = [example(3, 14, 15, 9), example(26, 5, 35, 8, 9), example(7, 9, 3, 2)];
/** Of a second round: `r4` has nothing left to learn from. */
const own: ArmExamples = new Map([
  ['r2', [example(1, 2, 3), example(4, 5, 6, 7)]],
  ['r4', []],
  ['full', [example(30, 31, 32, 33)]],
]);

type OnBoundary = (boundary: Boundary) => Promise<readonly string[]>;

describe('trainArms', () => {
  const folder = temporaryFolder();
  let definition: ModelDefinition;
  let weights: ConvertedWeights;

  before(async () => {
    const checkpoint = await openHuggingFaceFolder(folderOf('gpt2'));
    definition = defineModel(checkpoint.config, checkpoint.path);
    weights = await convertWeights(definition, checkpoint, folder.path('weights'));
    await checkpoint.tensors.close();
  });

  const open = (): TrainableModel => ({
    ...{ definition, weights, threads: 1, arms: new Map<string, Arm>() },
    releasePrograms: () => Promise.resolve(),
  });

  function train(
    model: TrainableModel,
    examples: ArmExamples,
    over: Partial<TrainingOptions> = {},
    onBoundary: OnBoundary = () => Promise.resolve([]),
    asked = plans,
  ): Promise<readonly ArmOutcome[]> {
    return trainArms(
      model,
      asked,
      examples,
      { ...options, ...over },
      {
        onStep: () => undefined,
        onArmFailed: (arm, { what }) => assert.fail(`${arm}: ${what}`),
        onBoundary: async (boundary) => ({ stop: await onBoundary(boundary) }),
      },
    );
  }

  function valuesOf({ arms }: TrainableModel, id: string): readonly Float32Array[] {
    const arm = arms.get(id);
    assert.ok(arm && arm.kind !== 'base');
    return arm.store.names.map((name) => arm.store.tensor(name, 'value').data.slice());
  }

  /** Two rounds without a break. */
  async function straight(): Promise<{ first: TrainableModel; second: TrainableModel }> {
    const [first, second] = [open(), open()];
    await train(first, shared);
    await train(second, shared);
    await train(second, own);
    return { first, second };
  }

  /** A sweep of DoRA: its arms beside full fine-tuning. */
  const doraPlans = plans.map((plan) => (plan.method === 'lora' ? { ...plan, adapter: 'dora' as const } : plan));

  it('starts an arm of DoRA as the base model: magnitudes are the norms of the weights', async () => {
    const model = open();
    await train(model, shared, { length: { steps: 1 }, warmup: { steps: 1 } }, undefined, doraPlans);
    const arm = model.arms.get('r4');
    assert.ok(arm?.kind === 'lora');
    const [module] = arm.targets;
    assert.ok(module);
    const { name, inFeatures, outFeatures } = module;
    const weight = new Float32Array(inFeatures * outFeatures);
    await weights.readInto(`${name}.weight`, weight);
    // GPT-2's layout is [in, out].
    const norms = Array.from({ length: outFeatures }, (_, out) =>
      Math.hypot(...Array.from({ length: inFeatures }, (_, i) => weight[i * outFeatures + out] ?? NaN)),
    );
    assert.ok(largestDifference(arm.store.tensor(`${name}.lora_magnitude`, 'value').data, norms) < 1e-6);
  });

  it('trains DoRA the same with layers computed again, and not as LoRA', async () => {
    const [kept, again, plain] = [open(), open(), open()];
    await train(kept, shared, {}, undefined, doraPlans);
    await train(again, shared, { gradientCheckpointing: true }, undefined, doraPlans);
    await train(plain, shared);
    for (const { id } of plans) {
      const expected = valuesOf(kept, id);
      valuesOf(again, id).forEach((values, i) => {
        assert.ok(largestDifference(values, expected[i] ?? []) < 1e-5, id);
      });
    }
    const magnitudes = ({ arms }: TrainableModel): readonly string[] => {
      const arm = arms.get('r2');
      return arm?.kind === 'lora' ? arm.store.names.filter((name) => name.endsWith('lora_magnitude')) : [];
    };
    assert.equal(magnitudes(plain).length, 0);
    assert.equal(magnitudes(kept).length, 2);
  });

  it('goes on bit for bit from a checkpoint of DoRA', async () => {
    const [straightOn, broken, resumed] = [open(), open(), open()];
    await train(straightOn, shared, {}, undefined, doraPlans);
    const checkpoint = folder.path('checkpoint-dora');
    await mkdir(checkpoint);
    const save: OnBoundary = async (boundary) => {
      if (boundary.step === 2 && boundary.arms.includes('r2')) await boundary.save(checkpoint);
      return [];
    };
    await train(broken, shared, {}, save, doraPlans);
    await train(resumed, shared, { resumeFrom: checkpoint }, undefined, doraPlans);
    for (const { id } of plans) assert.deepEqual(valuesOf(resumed, id), valuesOf(straightOn, id), id);
  });

  it('refuses a starting adapter of another method, naming both', async () => {
    const init = adapterFolder('gpt2', 'r2');
    const started = plans.map((plan) => (plan.id === 'r2' ? { ...plan, adapter: 'dora' as const, init } : plan));
    await assert.rejects(train(open(), shared, {}, undefined, started), {
      details: {
        code: 'config',
        where: init,
        what: 'The starting adapter of arm r2 is of the method "lora", which an arm of the method "dora" cannot be trained on.',
        remedy: 'Start from an adapter of the same method ("arms": {"method": ...}) with one rank and one alpha.',
      },
    });
  });

  it('trains the same with layers computed again', async () => {
    const [kept, again] = [open(), open()];
    await train(kept, shared);
    await train(again, shared, { gradientCheckpointing: true });
    for (const { id } of plans) {
      const expected = valuesOf(kept, id);
      valuesOf(again, id).forEach((values, i) => {
        assert.ok(largestDifference(values, expected[i] ?? []) < 1e-5, id);
      });
    }
  });

  it('trains the same on many labels at once, whose loss is computed in chunks, as on few at a time', async () => {
    const wide = defineModel({ ...CONFIGS.gpt2, vocab_size: 60_000, n_embd: 4, n_head: 2 }, 'test');
    const model = (): TrainableModel => ({ ...open(), definition: wide, weights: mapped });
    const mapped = await convertWeights(wide, checkpointOf(drawWeights(wide, 5)), folder.path('wide'));
    const sequence = (k: number): number[] => Array.from({ length: 40 }, (_, i) => (7919 * (40 * k + i)) % 60_000);
    const examples = Array.from({ length: 8 }, (_, k) => ({ ids: sequence(k), firstLabel: 0 }));
    const [many, few] = [model(), model()];
    const length = { steps: 3 };
    const ours = await train(many, examples, { batchSize: 8, length });
    const theirs = await train(few, examples, { batchSize: 1, gradientAccumulation: 8, length });
    // Weights whose gradient is all but zero go either way under AdamW, so it is the loss after two steps that is compared.
    for (const [i, { arm, finalLoss = NaN }] of ours.entries()) {
      const gap = Math.abs(finalLoss / (theirs[i]?.finalLoss ?? NaN) - 1);
      assert.ok(gap < 1e-5, `${arm}: ${gap}`);
    }
  });

  it('goes on with the weights of an arm that was trained before, and leaves one without examples as it is', async () => {
    const model = open();
    await train(model, shared);
    const before = ['r2', 'r4', 'full'].map((id) => valuesOf(model, id));
    const outcomes = await train(model, own, { length: { epochs: 2 } });
    // r2: two examples twice in batches of 2; full: one example twice.
    assert.deepEqual(
      outcomes.map(({ arm, steps }) => [arm, steps]),
      [
        ['r2', 2],
        ['r4', 0],
        ['full', 1],
      ],
    );
    assert.notDeepEqual(valuesOf(model, 'r2'), before[0]);
    assert.deepEqual(valuesOf(model, 'r4'), before[1]);
    assert.notDeepEqual(valuesOf(model, 'full'), before[2]);
  });

  for (const broken of [
    { arm: 'r2', what: 'among the adapters' },
    { arm: 'full', what: 'at full fine-tuning' },
  ]) {
    it(`goes on bit for bit from a checkpoint of a second round, ${broken.what}`, async () => {
      const { second } = await straight();
      const checkpoint = folder.path(`checkpoint-${broken.arm}`);
      await mkdir(checkpoint);
      const first = open();
      await train(first, shared);
      const breaking = train(first, own, {}, async (boundary) => {
        if (boundary.step !== 2 || !boundary.arms.includes(broken.arm)) return [];
        await boundary.save(checkpoint);
        throw new RangeError('it broke');
      });
      await assert.rejects(breaking, /it broke/);

      const resumed = open();
      const steps = await train(resumed, own, { resumeFrom: checkpoint });
      assert.deepEqual(
        steps.map((outcome) => outcome.steps),
        [3, 0, 3],
      );
      for (const { id } of plans) assert.deepEqual(valuesOf(resumed, id), valuesOf(second, id), id);
    });
  }

  it('trains no further an arm that is failed between two steps, nor after a resume', async () => {
    const checkpoint = folder.path('failed');
    await mkdir(checkpoint);
    const reason = { code: 'diverged', what: 'a logit is not finite' } as const;
    const model = open();
    const failing = train(model, shared, {}, async (boundary) => {
      const { step, arms } = boundary;
      if (step === 1 && arms.includes('r4')) boundary.fail('r4', reason);
      if (step === 2) {
        await boundary.save(checkpoint);
        throw new RangeError('it broke');
      }
      return [];
    });
    await assert.rejects(failing, /it broke/);
    const outcomes = await train(open(), shared, { resumeFrom: checkpoint });
    assert.deepEqual(
      outcomes.map(({ arm, steps, failure }) => [arm, steps, failure]),
      [
        ['r2', 3, undefined],
        ['r4', 1, reason],
        ['full', 3, undefined],
      ],
    );
  });

  it('fails an arm whose last step left weights that are not finite', async () => {
    const failed: string[] = [];
    const wild = plans.map((plan) => (plan.id === 'r2' ? plan : { ...plan, learningRate: 3e38 }));
    const outcomes = await trainArms(
      open(),
      wild,
      shared,
      { ...options, length: { steps: 1 }, schedule: 'constant' },
      {
        onStep: () => undefined,
        onArmFailed: (arm, { what }) => void failed.push(`${arm}: ${what}`),
        onBoundary: () => Promise.resolve({ stop: [] }),
      },
    );
    assert.deepEqual(
      outcomes.map(({ failure }) => failure?.code),
      [undefined, 'diverged', 'diverged'],
    );
    assert.match(failed[0] ?? '', /^r4: a weight of \S+lora_[AB] is not finite\.$/);
    assert.match(failed[1] ?? '', /^full: a weight of \S+ is not finite\.$/);
  });

  it('keeps stopped what was stopped before a resume, also an arm whose turn had not come', async () => {
    const checkpoint = folder.path('stopped');
    await mkdir(checkpoint);
    const breaking = train(open(), shared, {}, async (boundary) => {
      if (boundary.step === 1) {
        await boundary.save(checkpoint, ['r4', 'full']);
        throw new RangeError('it broke');
      }
      return [];
    });
    await assert.rejects(breaking);
    const seen: string[] = [];
    const resumed = open();
    const outcomes = await train(resumed, shared, { resumeFrom: checkpoint }, ({ step, arms }) => {
      seen.push(`${step} ${arms.join(' ')}`);
      return Promise.resolve([]);
    });
    assert.deepEqual(seen, ['1 r2', '2 r2', '3 r2']);
    assert.deepEqual(
      outcomes.map(({ arm, steps, stopped }) => [arm, steps, stopped]),
      [
        ['r2', 3, undefined],
        ['r4', 1, true],
        ['full', 0, true],
      ],
    );
    // Stopped before its first step, the full arm is the base.
    const [first] = valuesOf(resumed, 'full');
    const arm = resumed.arms.get('full');
    assert.ok(arm?.kind === 'full');
    const base = new Float32Array(first!.length);
    await weights.readInto(arm.store.names[0]!, base);
    assert.deepEqual(first, base);
  });
});
