import assert from 'node:assert/strict';
import { scheduleFactor } from '../../../../server/engine/optimiser/schedule.ts';
import { oracle } from '../train/trainingOracle.ts';

describe('scheduleFactor', () => {
  for (const { kind, warmupSteps, steps, factors } of oracle.schedules) {
    it(`${kind} with ${warmupSteps} steps of warm-up in ${steps} is Transformers'`, () => {
      assert.equal(factors.length, steps);
      factors.forEach((factor, i) => {
        assert.ok(Math.abs(scheduleFactor({ kind, warmupSteps }, i + 1, steps) - factor) <= 1e-12, `step ${i + 1}`);
      });
    });
  }
});
