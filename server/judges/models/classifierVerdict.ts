import type { Verdict } from '../judge/judge.ts';

/** What makes probabilities of a classifier's outputs: nothing (they are), a sigmoid each, or a softmax over all. */
export type Activation = 'none' | 'sigmoid' | 'softmax';

/**
 * A row of outputs as a verdict: the probabilities of the labels at `at` together are the score, those of all are the
 * categories. Several labels must be of classes that exclude each other, whose probabilities add up.
 * Rows of the wrong length and outputs that are no probabilities are unjudged.
 */
export function rowVerdict(
  row: Float32Array | undefined,
  labels: readonly string[],
  at: number | readonly number[],
  threshold: number,
  activation: Activation,
): Verdict {
  if (row?.length !== labels.length) {
    return {
      kind: 'unjudged',
      reason: `the classifier gave ${row?.length ?? 'no'} outputs for ${labels.length} labels`,
    };
  }
  const scores = probabilities(row, activation);
  const sum = (typeof at === 'number' ? [at] : at).reduce((total, i) => total + (scores[i] ?? NaN), 0);
  // A sum of probabilities may be above 1 by rounding alone.
  const score = sum > 1 && sum < 1 + 1e-6 ? 1 : sum;
  if (!scores.every((value) => value >= 0 && value <= 1)) {
    return { kind: 'unjudged', reason: 'the classifier gave an output that is no probability' };
  }
  const categories = Object.fromEntries(labels.map((label, i) => [label, scores[i] ?? NaN]));
  return { kind: 'judged', score, toxic: score >= threshold, categories, evidence: [] };
}

function probabilities(row: Float32Array, activation: Activation): readonly number[] {
  const values = [...row];
  if (activation === 'none') return values;
  if (activation === 'sigmoid') return values.map((value) => 1 / (1 + Math.exp(-value)));
  const largest = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - largest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}
