import type { Unmeasured } from '../../protocol/run/estimate.ts';
import { massFault } from './kl.ts';

/**
 * Shannon entropy of one position's next-token distribution, nats: -sum p log p over a row of natural-log
 * probabilities, accumulated in float64, with 0 log 0 = 0 (the confidence shown in the paper's figure 1).
 * Unmeasured when the row is no distribution.
 */
export function entropy(logProbabilities: Float32Array): number | Unmeasured {
  let total = 0;
  let mass = 0;
  for (const logP of logProbabilities) {
    const p = Math.exp(logP);
    mass += p;
    if (p > 0) total -= p * logP;
  }
  return massFault('model', mass) ?? Math.max(0, total);
}
