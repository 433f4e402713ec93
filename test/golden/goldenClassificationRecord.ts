/** The settings of the golden classification run, and its events. */
import { sweepFileSchema } from '../../server/protocol/sweep/experiments.ts';
import type { ArmDescription } from '../../server/protocol/run/run.ts';
import type { RunRecord } from '../../server/runs/runRecord.ts';
import type { NewEvent } from '../../server/runs/runStore.ts';
import { classificationArms } from './goldenClassification.ts';
import { toxicityRecord } from './goldenToxicity.ts';

const descriptions = classificationArms.map(
  ({ id, method, rank, seed, learningRate, trainableParameters, minority }): ArmDescription => ({
    id,
    method,
    ...(rank !== undefined && { rank, alpha: 2 * rank }),
    seed,
    ...(learningRate !== undefined && { learningRate }),
    trainableParameters,
    ...(minority !== undefined && { minority }),
  }),
);

export const classificationRecord: RunRecord = {
  ...toxicityRecord,
  sweep: sweepFileSchema.parse({
    name: 'Golden classification',
    experiment: 'classification',
    model: '/models/golden-base',
    data: {
      train: { file: '/data/golden-train.tsv' },
      test: { file: '/data/golden-test.tsv' },
      minority: { group: 'women', rates: [1, 0.25] },
      groups: { by: 'column', of: ['women', 'men'] },
    },
    arms: { ranks: [8, 16], learningRate: 2e-5 },
  }),
  arms: descriptions,
  hashes: { model: '8'.repeat(64), train: '9'.repeat(64), test: 'a'.repeat(64) },
};

export const classificationEvents: readonly NewEvent[] = [
  { type: 'started', run: 'golden', arms: descriptions },
  { type: 'arm-failed', arm: 'r16-m25', reason: 'its loss was not finite at step 29' },
];
