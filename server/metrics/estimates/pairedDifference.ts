import { bootstrapMean, type BootstrapOptions, type Cluster } from './bootstrap.ts';
import { isMeasured, type IntervalEstimate } from '../../protocol/run/estimate.ts';

export interface PairedOptions extends BootstrapOptions {
  /** Largest difference that there can be, either way: 1 of shares (unless given), 100 of percentage points. */
  readonly largest?: number;
}

/**
 * Mean of arm - reference over what both were measured on, with its clustered 95 % bootstrap interval. Entry i of both
 * arrays belongs to the same prompt (or prompt and sample), so that what prompts differ in cancels; a pair of which
 * either side is undefined is left out of value and `n` alike. Unmeasured with fewer than two pairs.
 *
 * Where all differences are equal no resample differs, and the bootstrap would claim a certainty it does not have. Then
 * the interval allows for what `m` equal clusters cannot rule out: that a share p of all clusters differs, p the exact
 * 95 % bound of none in m, 1 - 0.025^(1/m) (Clopper and Pearson 1934), and differs as much as `largest` allows.
 */
export function pairedDifference(
  arm: readonly (number | undefined)[],
  reference: readonly (number | undefined)[],
  clusters: readonly Cluster[] | undefined,
  options: PairedOptions,
): IntervalEstimate {
  const differences: number[] = [];
  const kept: Cluster[] = [];
  for (let i = 0; i < Math.min(arm.length, reference.length); i++) {
    const [a, b] = [arm[i], reference[i]];
    if (a === undefined || b === undefined) continue;
    differences.push(a - b);
    kept.push(clusters?.[i] ?? i);
  }
  const estimate = bootstrapMean(differences, kept, options);
  const [first] = differences;
  if (!isMeasured(estimate) || differences.some((difference) => difference !== first)) return estimate;
  return { ...estimate, ...boundsOfEqual(estimate.value, kept, options.largest ?? 1) };
}

function boundsOfEqual(value: number, clusters: readonly Cluster[], largest: number): { low: number; high: number } {
  const distinct = new Set(clusters).size;
  const share = 1 - 0.025 ** (1 / (distinct > 1 ? distinct : clusters.length));
  const [least, most] = [Math.min(-largest, value), Math.max(largest, value)];
  return { low: value + share * (least - value), high: value + share * (most - value) };
}
