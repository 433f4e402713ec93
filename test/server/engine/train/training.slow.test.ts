import assert from 'node:assert/strict';
import { scheduleFactor } from '../../../../server/engine/optimiser/schedule.ts';
import { openTiny } from '../models/tinyModel.ts';
import { ADAMW, batchesOf, openArm, oracle } from './trainingOracle.ts';

/** The losses and gradient norms of PyTorch and PEFT, step by step. */
const TOLERANCE = 1e-4;

describe('training', () => {
  const runs = [
    ...oracle.runs.map((run) => ({ ...run, examples: oracle.examples })),
    ...oracle.classRuns.map((run) => ({ ...run, examples: oracle.classExamples })),
  ];
  for (const { model, arm, options, losses, gradientNorms, examples } of runs) {
    it(`${arm} of ${model} goes as PyTorch and PEFT go for ${losses.length} steps`, async () => {
      const { trainer, program } = await openArm(await openTiny(model), model, arm);
      const batches = batchesOf(options, losses.length, examples);
      const { schedule: kind, warmupSteps, clip, weightDecay } = options;
      try {
        for (let step = 1; step <= losses.length; step++) {
          const factor = scheduleFactor({ kind, warmupSteps }, step, losses.length);
          const learningRate = options.learningRate * factor;
          const result = await trainer.step(batches(step), { ...ADAMW, step, learningRate, clip, weightDecay });
          const [loss, norm] = [losses[step - 1] ?? NaN, gradientNorms[step - 1] ?? NaN];
          assert.ok(Math.abs(result.loss / loss - 1) <= TOLERANCE, `step ${step}: loss ${result.loss}, not ${loss}`);
          assert.ok(
            Math.abs(result.gradientNorm / norm - 1) <= 1e-3,
            `step ${step}: norm ${result.gradientNorm}, not ${norm}`,
          );
        }
      } finally {
        await program.release();
      }
    });
  }

  it('was held against runs that learn', () => {
    for (const { lora, losses } of runs) assert.ok((losses.at(-1) ?? NaN) < (lora ? 0.92 : 0.75) * (losses[0] ?? NaN));
  });
});
