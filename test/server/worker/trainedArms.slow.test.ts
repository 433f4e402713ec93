import assert from 'node:assert/strict';
import type { Arm } from '../../../server/engine/generate/armWeights.ts';
import { convertWeights, type ConvertedWeights } from '../../../server/engine/models/convertedWeights.ts';
import { defineModel } from '../../../server/engine/models/families/families.ts';
import type { ModelDefinition } from '../../../server/engine/models/modelDefinition.ts';
import { fitExample } from '../../../server/engine/train/trainExample.ts';
import { openHuggingFaceFolder } from '../../../server/engine/checkpoints/openHuggingFaceFolder.ts';
import type { ArmPlan, StepReport, TrainingOptions } from '../../../server/experiments/ports/trainerPort.ts';
import { trainArms } from '../../../server/worker/training/trainArms.ts';
import { adapterFolder, folderOf } from '../engine/models/tinyModel.ts';
import { temporaryFolder } from '../engine/weights/temporaryFolder.ts';
import { fullPlan, loraPlan, plainTraining } from './training/trainingPlans.ts';

const examples = [
  [3, 14, 15, 9],
  [26, 5, 35, 8, 9],
  [7, 9, 3, 2],
  [1, 2, 3, 4, 5, 6],
  [30, 31, 32],
].map((ids) => fitExample(ids.slice(0, 2), ids.slice(2), 20));

describe('arms that are trained together', () => {
  const folder = temporaryFolder();
  let definition: ModelDefinition;
  let weights: ConvertedWeights;

  before(async () => {
    const checkpoint = await openHuggingFaceFolder(folderOf('gpt2'));
    definition = defineModel(checkpoint.config, checkpoint.path);
    weights = await convertWeights(definition, checkpoint, folder.path('weights'));
    await checkpoint.tensors.close();
  });

  async function steps(plans: readonly ArmPlan[], over: Partial<TrainingOptions> = {}) {
    const reports: StepReport[] = [];
    const arms = new Map<string, Arm>();
    const model = { definition, weights, threads: 1, arms, releasePrograms: () => Promise.resolve() };
    const options = { ...plainTraining, length: { steps: 4 }, batchSize: 2, appendEos: false, maxLength: 20, ...over };
    const outcomes = await trainArms(model, plans, examples, options, {
      onStep: (report) => reports.push(report),
      onArmFailed: (arm, { what }) => assert.fail(`${arm}: ${what}`),
      onBoundary: () => Promise.resolve({ stop: [] }),
    });
    const of = (arm: string) => reports.filter((report) => report.arm === arm);
    return { of, losses: (arm: string) => of(arm).map(({ loss }) => loss), outcomes };
  }

  it('start from their own seed and see the batches of their own order', async () => {
    const plans = [
      loraPlan(2, 1e-1, { id: 'one' }),
      loraPlan(2, 1e-1, { id: 'same' }),
      loraPlan(2, 1e-1, { id: 'drawn otherwise', seed: 5 }),
      loraPlan(2, 1e-1, { id: 'ordered otherwise', orderSeed: 5 }),
    ];
    const { losses } = await steps(plans, { shuffle: true });
    assert.deepEqual(losses('same'), losses('one'));
    const drawn = losses('drawn otherwise');
    assert.equal(drawn[0]?.toFixed(5), losses('one')[0]?.toFixed(5), 'B is zero, and the first batch the same');
    assert.notEqual(drawn[3]?.toFixed(3), losses('one')[3]?.toFixed(3));
    assert.notEqual(losses('ordered otherwise')[0]?.toFixed(3), losses('one')[0]?.toFixed(3));
  });

  it('drop out by their own seed', async () => {
    const init = adapterFolder('gpt2', 'r8');
    const plan = (id: string, seed: number) => loraPlan(8, 1e-3, { id, seed, init, dropout: 0.5 });
    const { losses } = await steps([plan('one', 1), plan('same', 1), plan('other', 2)]);
    assert.deepEqual(losses('same'), losses('one'));
    assert.notEqual(losses('other')[0]?.toFixed(4), losses('one')[0]?.toFixed(4));
  });

  it('have each its own rate, which warms up over a number or a share of the steps', async () => {
    const plans = [loraPlan(2, 3e-2), fullPlan(7e-3)];
    const rates = async (over: Partial<TrainingOptions>) => {
      const { of } = await steps(plans, over);
      return plans.map(({ id }) => of(id).map(({ learningRate }) => learningRate));
    };
    assert.deepEqual(await rates({}), [Array<number>(4).fill(3e-2), Array<number>(4).fill(7e-3)]);
    const half = await rates({ warmup: { ratio: 0.5 } });
    assert.deepEqual(half, await rates({ warmup: { steps: 2 } }));
    assert.ok(half.every(([first = NaN, , third = NaN]) => first < third));
  });

  it('report the losses, tokens and outcomes of their own steps', async () => {
    const { of, outcomes } = await steps([loraPlan(2, 1e-1), fullPlan(1e-2)]);
    // Two examples a step in their order: tokens of prompt and completion, and those of the completion.
    const tokens = [
      [9, 5],
      [10, 6],
    ];
    for (const { arm, finalLoss, steps: done } of outcomes) {
      const reports = of(arm);
      assert.deepEqual(
        reports.map(({ step, of: all }) => [step, all]),
        [1, 2, 3, 4].map((step) => [step, 4]),
      );
      assert.deepEqual([done, finalLoss], [4, reports.at(-1)?.loss]);
      const seen = reports.slice(0, 2).map(({ tokens: packed, labelTokens }) => [packed, labelTokens]);
      assert.deepEqual(seen, tokens, arm);
      assert.ok(reports.every(({ memoryBytes, gradientNorm }) => memoryBytes > 1e7 && gradientNorm > 0));
    }
    const [lora, full] = [of('r2'), of('full')];
    assert.equal(lora[0]?.loss.toFixed(5), full[0]?.loss.toFixed(5), 'both start from the base');
    assert.notEqual(lora[3]?.loss.toFixed(4), full[3]?.loss.toFixed(4));
  });

  it('remember gradients by the first beta and their squares by the second', async () => {
    // Against a large epsilon the squares do not matter, and a step is as long as the remembered gradient.
    const plain = { epsilon: 1e6, length: { steps: 3 } };
    const rated = loraPlan(2, 1e6);
    const losses = async (betas: readonly [number, number]) => {
      return (await steps([rated], { ...plain, betas })).losses('r2').map((loss) => loss.toFixed(4));
    };
    assert.deepEqual(await losses([0, 0.999]), await losses([0, 0.5]));
    assert.notDeepEqual(await losses([0.9, 0.5]), await losses([0, 0.5]));
  });
});
