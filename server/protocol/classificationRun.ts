/** What a classification run (paper section 4.2) leaves behind in metrics.json and beside its arms. */
import type { ArmMethod } from './armMethod.ts';
import type { Interval } from './interval.ts';

/** A number with its 95 % interval, or why there is none. */
export type Measured = Interval | { readonly unmeasured: string };

/**
 * How a decision was read off a model: `completion`, correct if what it answers contains the label's word (paper section
 * 3.3); `probability`, the label whose word's tokens are likeliest as the answer; `head`, the likeliest class of a head.
 */
export type DecisionRule = 'completion' | 'probability' | 'head';

export interface GroupResult {
  readonly group: string;
  /** Test examples of the group. */
  readonly n: number;
  /** Share of them that was decided correctly, 0..1. */
  readonly accuracy: Measured;
}

/** Harmful bias gap (paper section 3.3): accuracy of full fine-tuning minus that of the arm on a group, percentage points. */
export interface BiasGap {
  readonly group: string;
  /** The fully fine-tuned arm, of the same seed and the same share of the minority. */
  readonly reference: string;
  /** Positive: the arm is worse for the group than full fine-tuning. */
  readonly gap: Measured;
}

export interface RuleResult {
  readonly rule: DecisionRule;
  readonly accuracy: Measured;
  readonly groups: readonly GroupResult[];
  /** Largest difference in accuracy between two groups, percentage points. */
  readonly accuracyParity: Measured;
  /** Error rate of the worst group, percentage points. */
  readonly worstGroupError: Measured;
  /** The group with the lowest accuracy; absent where a group has no examples. */
  readonly worstGroup?: string;
  readonly biasGaps: readonly BiasGap[];
  /** Answers that contain no label's word, and those that contain several; of the rule `completion` alone. */
  readonly answers?: { readonly none: number; readonly several: number; readonly n: number };
}

export interface CalibrationBin {
  /** Confidences from `low` up to, but not with, `high`; the last bin holds 1. */
  readonly low: number;
  readonly high: number;
  readonly n: number;
  /** Mean confidence and accuracy of its predictions, 0..1; absent in an empty bin. */
  readonly confidence?: number;
  readonly accuracy?: number;
}

export interface GroupCalibration {
  readonly group: string;
  readonly n: number;
  /** Expected calibration error of the label probabilities, 0..1, or why there is none. */
  readonly error: number | { readonly unmeasured: string };
  readonly bins: readonly CalibrationBin[];
}

/** How sure an arm was of one decision (paper figure 5). */
export interface DecisionMargins {
  /** The label that was decided for. */
  readonly label: string;
  readonly n: number;
  /** Probability of the label minus that of the next one, 0..1. */
  readonly margin: Measured;
  /** Counts of the label's probability in bins of equal width over 0..1. */
  readonly histogram: readonly number[];
}

/** What one arm, or several seeds of one kind of arm together, made of the test examples. */
export interface ClassificationResult {
  readonly rules: readonly RuleResult[];
  readonly calibration: readonly GroupCalibration[];
  readonly margins: readonly DecisionMargins[];
}

/** All seeds of one rank, or of full fine-tuning, at one learning rate and one share of the minority. */
export interface ClassificationKind {
  /** `base`, `r8`, `full`, `r8-lr5e-5`. */
  readonly name: string;
  readonly method: ArmMethod;
  readonly rank?: number;
  readonly learningRate?: number;
  readonly minority?: number;
  /** The arms it is made of, which have a result. */
  readonly arms: readonly string[];
  readonly result: ClassificationResult;
}

/** Training and test examples of each group. */
export interface GroupCounts {
  readonly group: string;
  readonly n: number;
}

export interface ClassificationSummary {
  readonly labels: readonly string[];
  readonly groups: readonly string[];
  /** The group made rarer, where the sweep names one. */
  readonly minority?: string;
  readonly test: readonly GroupCounts[];
  /** Training examples at each share of the minority, in the order of the sweep. */
  readonly training: readonly { readonly minority?: number; readonly counts: readonly GroupCounts[] }[];
  readonly kinds: readonly ClassificationKind[];
}

/** One line of an arm's `predictions.jsonl`. */
export interface StoredPrediction {
  /** 0-based number of the test example. */
  readonly example: number;
  readonly label: string;
  readonly group: string;
  /** Natural-log probability of each label, normalised over the labels; in the order of the sweep's labels. */
  readonly logProbabilities: readonly number[];
  /** What a causal model answered in its own words. */
  readonly answer?: string;
}
