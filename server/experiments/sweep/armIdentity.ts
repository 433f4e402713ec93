/** What every arm's line of metrics begins and ends with, whatever the experiment. */
import type { ArmDescription, ArmMetrics } from '../../protocol/run/run.ts';
import type { ArmOutcome } from '../ports/trainerPort.ts';

/** The arm itself. */
export function armIdentity(arm: ArmDescription) {
  const { id, method, rank, seed, learningRate, trainableParameters, cutFrom } = arm;
  return {
    id,
    method,
    ...(rank !== undefined && { rank }),
    seed,
    ...(learningRate !== undefined && { learningRate }),
    trainableParameters,
    ...(cutFrom !== undefined && { cutFrom }),
  };
}

type TrainingCost = Pick<ArmMetrics, 'trainTokensPerSecond' | 'peakMemoryBytes'>;

/** What training it took, as far as that is known. */
export function trainingCost({ trainTokensPerSecond, peakMemoryBytes }: Partial<ArmOutcome> = {}): TrainingCost {
  return {
    ...(trainTokensPerSecond !== undefined && { trainTokensPerSecond }),
    ...(peakMemoryBytes !== undefined && { peakMemoryBytes }),
  };
}

/** What training made of it, and took. */
export function trainingResult(
  outcome: ArmOutcome | undefined,
): TrainingCost & Pick<ArmMetrics, 'finalLoss' | 'bestStep'> {
  const { finalLoss, bestStep } = outcome ?? {};
  return {
    ...(finalLoss !== undefined && { finalLoss }),
    ...(bestStep !== undefined && { bestStep }),
    ...trainingCost(outcome),
  };
}
