import type { ArmPlan, TrainingOptions } from '../../../../server/experiments/ports/trainerPort.ts';

/** An adapter of a rank at twice its alpha, with the rest as PEFT has it. */
export const loraPlan = (rank: number, learningRate: number, own: Partial<ArmPlan> = {}): ArmPlan => ({
  ...{ id: `r${rank}`, method: 'lora', rank, alpha: 2 * rank, scaling: 'lora', dropout: 0, targets: 'default' },
  ...{ seed: 0, orderSeed: 0, learningRate },
  ...own,
});

/** All weights, by the same seeds. */
export const fullPlan = (learningRate: number, id = 'full'): ArmPlan => ({
  id,
  method: 'full',
  seed: 0,
  orderSeed: 0,
  learningRate,
});

/** AdamW as PyTorch has it, at one rate, in the order of the examples, without clipping. */
export const plainTraining = {
  gradientAccumulation: 1,
  schedule: 'constant',
  warmup: { steps: 0 },
  weightDecay: 0,
  clip: 0,
  betas: [0.9, 0.999],
  epsilon: 1e-8,
  shuffle: false,
} as const satisfies Partial<TrainingOptions>;
