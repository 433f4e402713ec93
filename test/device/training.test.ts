import assert from 'node:assert/strict';
import { transfers } from '../../server/engine/onnx/transfers.ts';
import { scheduleFactor } from '../../server/engine/optimiser/schedule.ts';
import { openTiny } from '../server/engine/models/tinyModel.ts';
import { ADAMW, batchesOf, openArm, oracle } from '../server/engine/train/trainingOracle.ts';
import { tested } from './testedDevice.ts';

/** A few arms and steps of all that PyTorch trained: a software driver takes a second a step. */
const STEPS = 4;
const few = [
  ...['gpt2 r8', 'gpt2 full-decayed', 'llama r4-rslora-all', 'opt r8'],
  ...['gpt2 r8-dora', 'llama r4-dora-rslora-all'],
];
const runs = oracle.runs.filter(({ model, arm }) => few.includes(`${model} ${arm}`));

/** The losses and gradient norms of PyTorch and PEFT, step by step. */
const TOLERANCE = 1e-3;

describe(`training on ${tested}`, () => {
  for (const { model, arm, options, losses, gradientNorms } of runs) {
    it(`${arm} of ${model} goes as PyTorch and PEFT go, and leaves its state where it is`, async () => {
      const { trainer, release } = await openArm(await openTiny(model), model, arm, tested);
      const batches = batchesOf(options, losses.length);
      const { schedule: kind, warmupSteps, clip, weightDecay } = options;
      try {
        for (let step = 1; step <= STEPS; step++) {
          const learningRate = options.learningRate * scheduleFactor({ kind, warmupSteps }, step, losses.length);
          const before = transfers.count();
          const result = await trainer.step(batches(step), { ...ADAMW, step, learningRate, clip, weightDecay });
          const moved = transfers.count(before);
          const [loss, norm] = [losses[step - 1] ?? NaN, gradientNorms[step - 1] ?? NaN];
          assert.ok(Math.abs(result.loss / loss - 1) <= TOLERANCE, `step ${step}: loss ${result.loss}, not ${loss}`);
          assert.ok(Math.abs(result.gradientNorm / norm - 1) <= TOLERANCE, `step ${step}: ${result.gradientNorm}`);
          // A loss a label and the norm, once; nothing else comes out, whatever the model's size.
          const micros = batches(step).length;
          assert.deepEqual(
            { stateOut: moved.stateOut, tensorsOut: moved.tensorsOut, bytesOut: moved.bytesOut },
            { stateOut: 0, tensorsOut: micros + 1, bytesOut: 4 * (result.labelTokens + 1) },
          );
        }
      } finally {
        await release();
      }
    });
  }

  it('was held against several families and kinds of arms', () => assert.equal(runs.length, few.length));

  it('stops where a loss is not finite, and leaves the state as it was', async () => {
    let name = '';
    const broken = await openArm(await openTiny('gpt2'), 'gpt2', 'r8', tested, (store) => {
      name = store.names[0] ?? '';
      store.tensor(name, 'value').data[0] = NaN;
    });
    const [batch = []] = batchesOf({ ...runs[0]!.options, accumulation: 1 }, 1)(1);
    try {
      await assert.rejects(
        broken.trainer.step([batch], { ...ADAMW, step: 1, learningRate: 1e-3, clip: 0, weightDecay: 0 }),
        /not finite/,
      );
    } finally {
      await broken.release();
    }
    assert.ok(Number.isNaN(broken.trainer.store.tensor(name, 'value').data[0]), 'the store is as it was');
  });
});
