import type { BootstrapOptions, Cluster } from '../estimates/bootstrap.ts';
import { type IntervalEstimate, unmeasured } from '../../protocol/run/estimate.ts';
import { pairedDifference } from '../estimates/pairedDifference.ts';

export interface BiasGapSample {
  /** Whether the fully fine-tuned model was right on each example. */
  readonly full: readonly boolean[];
  /** Whether the low-rank model was right on the same examples. */
  readonly lowRank: readonly boolean[];
  readonly groups: readonly string[];
  /** What belongs together, e.g. one text as several seeds of both models judged it; absent: every example by itself. */
  readonly clusters?: readonly Cluster[] | undefined;
}

/**
 * Harmful bias gap of one group (paper section 3.3, table 1): accuracy of the fully fine-tuned model on the group's
 * examples minus that of the low-rank model, percentage points, with a paired 95 % bootstrap interval. Positive: low
 * rank is worse for the group. The sign is kept, which the paper's table leaves out. Unmeasured for a group without
 * examples.
 */
export function harmfulBiasGap(sample: BiasGapSample, group: string, options: BootstrapOptions): IntervalEstimate {
  const members = [...sample.groups.keys()].filter((i) => sample.groups[i] === group);
  if (members.length === 0) return unmeasured(`no example belongs to ${group}`);
  const points = (correct: readonly boolean[]): number[] => members.map((i) => (correct[i] === true ? 100 : 0));
  const clusters = sample.clusters && members.map((i) => sample.clusters?.[i] ?? i);
  return pairedDifference(points(sample.full), points(sample.lowRank), clusters, { ...options, largest: 100 });
}
