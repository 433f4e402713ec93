/** Trains the arms of one share of the minority, with checkpoints that know which share they belong to. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ClassificationSweep } from '../../protocol/sweep/classificationSweep.ts';
import { internal } from '../../protocol/errors.ts';
import { trainingCost } from '../sweep/armIdentity.ts';
import { atBoundaries } from '../sweep/boundaries.ts';
import type { GroupedText } from './classificationData.ts';
import type { ClassificationPorts } from './classificationStages.ts';
import { trainingOptions } from '../sweep/sweepOptions.ts';
import type { ArmOutcome, ArmPlan, TrainingOptions } from '../ports/trainerPort.ts';

export interface RateWork {
  /** Place of the share among the sweep's. */
  readonly index: number;
  readonly plans: readonly ArmPlan[];
  readonly examples: readonly GroupedText[];
  readonly detail: string | undefined;
  readonly sweep: ClassificationSweep;
}

/** Passes over the training examples where the sweep names neither epochs nor steps (paper, appendix B.1). */
export const usualEpochs = 5;

/** Resolves with one outcome an arm; the weights that the sweep wants to keep are in the run's folder by then. */
export async function trainAtRate(work: RateWork, ports: ClassificationPorts): Promise<readonly ArmOutcome[]> {
  const { plans, examples, detail, sweep } = work;
  const { model, writer, signal } = ports;
  const resumeFrom = await checkpointOf(work.index, ports);
  const phase = { type: 'phase' as const, phase: 'training' as const, total: examples.length };
  writer.append({ ...phase, ...(detail !== undefined && { detail }) });
  const outcomes = await model.train(plans, examples, optionsOf(sweep, resumeFrom), {
    signal,
    onStep: (report) => void writer.append({ type: 'step', ...report }),
    onArmFailed: (arm, { what }) => void writer.append({ type: 'arm-failed', arm, reason: what }),
    onBoundary: atBoundaries(
      {
        checkpointEverySteps: sweep.checkpointEverySteps,
        ...(resumeFrom !== undefined && { resumed: { isProbed: true } }),
        mark: (directory) => writeFile(join(directory, shareFile), JSON.stringify({ index: work.index })),
      },
      ports,
    ),
  });
  for (const outcome of outcomes) await keepArm(outcome, work, ports);
  if (outcomes.length === plans.length) return outcomes;
  throw internal(`The trainer gave ${outcomes.length} outcomes for ${plans.length} arms.`);
}

function optionsOf(sweep: ClassificationSweep, resumeFrom: string | undefined): TrainingOptions {
  const { epochs, steps } = sweep.training;
  const training = steps === undefined ? { ...sweep.training, epochs: epochs ?? usualEpochs } : sweep.training;
  return trainingOptions({ training }, resumeFrom);
}

/** Says which share a checkpoint is of, beside the trainer's own files. */
const shareFile = 'share.json';
const shareMark = z.object({ index: z.int().optional() });

/** The latest checkpoint, where it is of this share; one of a share that is over is of no use. */
async function checkpointOf(index: number, { writer }: ClassificationPorts): Promise<string | undefined> {
  const latest = await writer.latestCheckpoint();
  if (!latest) return undefined;
  const text = await readFile(join(latest.directory, shareFile), 'utf8').catch(() => '{}');
  return shareMark.parse(JSON.parse(text)).index === index ? latest.directory : undefined;
}

async function keepArm(outcome: ArmOutcome, work: RateWork, { model, writer }: ClassificationPorts): Promise<void> {
  const { arm, failure } = outcome;
  if (failure) return;
  const isFull = work.plans.find(({ id }) => id === arm)?.method === 'full';
  const { keepWeights } = work.sweep;
  if (keepWeights === 'all' || (keepWeights === 'adapters' && !isFull)) {
    await writer.writeArm(arm, (directory) => model.saveArm(arm, directory));
  }
  writer.append({ type: 'arm-finished', arm, ...trainingCost(outcome) });
}
