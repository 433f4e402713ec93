import { bootstrapMean, type BootstrapOptions, type Cluster } from './bootstrap.ts';
import type { Estimate } from './estimate.ts';

/**
 * Mean of arm - reference over what both were measured on, with its clustered 95 % bootstrap interval. Entry i of both
 * arrays belongs to the same prompt (or prompt and sample), so that what prompts differ in cancels; a pair of which
 * either side is undefined is left out of value and `n` alike. Unmeasured with fewer than two pairs.
 */
export function pairedDifference(
  arm: readonly (number | undefined)[],
  reference: readonly (number | undefined)[],
  clusters: readonly Cluster[] | undefined,
  options: BootstrapOptions,
): Estimate {
  const differences: number[] = [];
  const kept: Cluster[] = [];
  for (let i = 0; i < Math.min(arm.length, reference.length); i++) {
    const [a, b] = [arm[i], reference[i]];
    if (a === undefined || b === undefined) continue;
    differences.push(a - b);
    kept.push(clusters?.[i] ?? i);
  }
  return bootstrapMean(differences, kept, options);
}
