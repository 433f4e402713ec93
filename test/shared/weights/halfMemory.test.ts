import assert from 'node:assert/strict';
import type { TrainingOptions } from '../../../server/experiments/ports/trainerPort.ts';
import { OpenedModel } from '../../../server/worker/host/openedModel.ts';
import type { OpenOptions } from '../../../server/worker/host/engineHost.ts';
import { loraPlan, plainTraining } from '../../server/worker/training/trainingPlans.ts';

/** Folder that test/oracles/opt_1b3.py wrote. */
const model = process.env.RANKSCOPE_OPT_1B3;
const GIB = 2 ** 30;

const PLAN = loraPlan(8, 1e-3);

const OPTIONS: TrainingOptions = {
  ...plainTraining,
  length: { steps: 2 },
  batchSize: 4,
  clip: 1,
  appendEos: true,
  maxLength: 64,
};

const PAIRS = ['nurse', 'doctor', 'clerk', 'pilot'].map((word) => ({
  prompt: 'The woman worked as a',
  completion: ` ${word} in the small town by the sea`,
}));

async function losses(options: Partial<OpenOptions>): Promise<number[]> {
  const opened = await OpenedModel.open(model ?? '', { device: 'cpu', threads: 2, ...options });
  const heard: number[] = [];
  await opened.train([PLAN], PAIRS, OPTIONS, {
    onStep: ({ loss }) => heard.push(loss),
    onArmFailed: (_, { what }) => assert.fail(what),
    onBoundary: () => Promise.resolve({ stop: [] }),
  });
  await opened.dispose();
  return heard;
}

if (model !== undefined) {
  describe('LoRA on a model of the shape of OPT 1.3B', () => {
    it('stays under 8 GiB with float16 weights, and gives the losses of float32 to 2e-2', async function () {
      this.timeout(1_800_000);
      const half = await losses({ weights: 'fp16' });
      const peak = process.resourceUsage().maxRSS * 1024;
      process.stdout.write(`      peak of the process ${(peak / GIB).toFixed(2)} GiB, losses ${half.join(', ')}\n`);
      assert.ok(peak < 8 * GIB, `${(peak / GIB).toFixed(2)} GiB`);
      // As little memory as is told makes it map its weights, not lay them out anew.
      const wide = await losses({ weights: 'fp32', memoryBytes: 12 * GIB });
      assert.equal(half.length, 2);
      half.forEach((loss, i) => assert.ok(Math.abs(loss - (wide[i] ?? NaN)) < 2e-2, `${loss}, not ${wide[i]}`));
    });
  });
}
