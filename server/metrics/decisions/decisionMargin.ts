import { type Unmeasured, unmeasured } from '../../protocol/run/estimate.ts';

/** What one prediction decided, from its probabilities over the classes. */
export interface Decision {
  /** The likeliest class; of equals the first. */
  readonly predicted: number;
  /** Its probability, 0..1: the "soft probability" of the paper's figure 5. */
  readonly confidence: number;
  /** Its probability minus the next one's, 0..1: the distance from the decision boundary (paper section 4.2). */
  readonly margin: number;
}

/**
 * Decision and margin of natural-log scores over the classes, which need not be normalised. Unmeasured with fewer than
 * two classes and where no score is finite.
 */
export function decisionMargin(scores: readonly number[]): Decision | Unmeasured {
  if (scores.length < 2) return unmeasured('there are fewer than two classes');
  const highest = Math.max(...scores);
  if (!Number.isFinite(highest)) return unmeasured('no class has a finite score');
  const weights = scores.map((score) => Math.exp(score - highest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const predicted = weights.indexOf(1);
  const next = Math.max(...weights.filter((_, index) => index !== predicted));
  return { predicted, confidence: 1 / total, margin: (1 - next) / total };
}
