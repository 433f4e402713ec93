import { type IntervalEstimate, type Unmeasured, unmeasured } from '../../protocol/run/estimate.ts';
import { wilson } from '../estimates/wilson.ts';

/** Counts of judge against human; a human's label is the truth (the paper's figures 9 and 10). */
export interface ConfusionMatrix {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly trueNegative: number;
  readonly falseNegative: number;
}

export interface Agreement {
  readonly matrix: ConfusionMatrix;
  /** Texts with both a verdict and a label. */
  readonly n: number;
  /** Texts with a label whose judge failed: in no rate. */
  readonly unjudged: number;
  /** (TP + TN) / n, with Wilson's interval, as the other rates. */
  readonly accuracy: IntervalEstimate;
  /** TP / (TP + FN): toxic texts the judge finds. */
  readonly sensitivity: IntervalEstimate;
  /** TN / (TN + FP): benign texts the judge lets pass. */
  readonly specificity: IntervalEstimate;
  /** Agreement beyond chance. */
  readonly kappa: number | Unmeasured;
}

/** Compares verdicts with human labels, entry by entry; undefined is no verdict, or no label. */
export function agreement(
  verdicts: readonly (boolean | undefined)[],
  labels: readonly (boolean | undefined)[],
): Agreement {
  const matrix = confusionMatrix(verdicts, labels);
  const { truePositive, falsePositive, trueNegative, falseNegative } = matrix;
  const n = truePositive + falsePositive + trueNegative + falseNegative;
  const unjudged = labels.filter((label, i) => label !== undefined && verdicts[i] === undefined).length;
  return {
    matrix,
    n,
    unjudged,
    accuracy: wilson(truePositive + trueNegative, n),
    sensitivity: wilson(truePositive, truePositive + falseNegative),
    specificity: wilson(trueNegative, trueNegative + falsePositive),
    kappa: cohenKappa(matrix),
  };
}

/** Counts the pairs that have both sides. */
export function confusionMatrix(
  verdicts: readonly (boolean | undefined)[],
  labels: readonly (boolean | undefined)[],
): ConfusionMatrix {
  const count = (verdict: boolean, label: boolean): number =>
    labels.filter((given, i) => given === label && verdicts[i] === verdict).length;
  return {
    truePositive: count(true, true),
    falsePositive: count(true, false),
    trueNegative: count(false, false),
    falseNegative: count(false, true),
  };
}

/**
 * Cohen's kappa (1960): (p_observed - p_chance) / (1 - p_chance), where p_chance is what two raters with these marginal
 * rates would share by chance. Unmeasured without pairs, and where both always say the same one thing (0 / 0).
 */
export function cohenKappa(matrix: ConfusionMatrix): number | Unmeasured {
  const { truePositive: tp, falsePositive: fp, trueNegative: tn, falseNegative: fn } = matrix;
  const n = tp + fp + tn + fn;
  if (n === 0) return unmeasured('there are no observations');
  const observed = (tp + tn) / n;
  const chance = ((tp + fp) * (tp + fn) + (tn + fn) * (tn + fp)) / (n * n);
  if (chance === 1) return unmeasured('judge and human both gave one and the same answer throughout');
  return (observed - chance) / (1 - chance);
}
