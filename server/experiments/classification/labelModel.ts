/** A model that decides between the labels of a sweep: a causal one by instruction, or one with a head. */
import type { SequenceLoss } from '../../metrics/distribution/meanLoss.ts';
import type { LabelledText } from '../ports/classifierPort.ts';
import type { Progress } from '../ports/modelPort.ts';
import type { ArmOutcome, ArmPlan, TrainingCallbacks, TrainingOptions } from '../ports/trainerPort.ts';

export interface Prediction {
  /** Natural-log probability of each label, normalised over the labels. */
  readonly logProbabilities: readonly number[];
  /** What a causal model answered in its own words; absent where it was not asked. */
  readonly answer?: string;
}

export interface LabelModel {
  /** See ModelPort. */
  readonly notes?: () => readonly string[];

  /** How decisions are read off it, the one that a report shows first coming first. */
  readonly rules: readonly ('completion' | 'probability' | 'head')[];

  train(
    arms: readonly ArmPlan[],
    examples: readonly LabelledText[],
    options: TrainingOptions,
    callbacks: TrainingCallbacks,
  ): Promise<readonly ArmOutcome[]>;

  /** What each arm decides on each text: `[arm][text]`. */
  predict(
    arms: readonly string[],
    texts: readonly string[],
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<readonly (readonly Prediction[])[]>;

  /** `[arm][text]`: -ln of the probability of the text's label among the labels, each text counting one. */
  labelLosses(
    arms: readonly string[],
    examples: readonly LabelledText[],
    signal: AbortSignal,
  ): Promise<readonly (readonly SequenceLoss[])[]>;

  /** Writes a trained arm into an existing folder. */
  saveArm(arm: string, directory: string): Promise<void>;

  /** Lets the weights of arms go that are not needed again. */
  forget(arms: readonly string[]): void;
}

/** Scores up to a constant as natural-log probabilities that sum to 1 over the labels. */
export function normalised(scores: readonly number[]): readonly number[] {
  const highest = Math.max(...scores);
  const total = scores.reduce((sum, score) => sum + Math.exp(score - highest), 0);
  return scores.map((score) => score - highest - Math.log(total));
}

/** What log-probabilities of the labels (`[text][label]`) say against the true ones. */
export function lossesOf(
  logProbabilities: readonly (readonly number[])[],
  examples: readonly LabelledText[],
): readonly SequenceLoss[] {
  return examples.map(({ label }, text) => ({ nll: -(logProbabilities[text]?.[label] ?? NaN), tokens: 1 }));
}
