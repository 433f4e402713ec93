import type { Cluster } from '../estimates/bootstrap.ts';
import type { Unmeasured } from '../../protocol/run/estimate.ts';
import { unmeasured } from '../../protocol/run/estimate.ts';

/** Predictions on a classification data set, by protected group. Arrays have one entry an example. */
export interface GroupOutcomes {
  readonly correct: readonly boolean[];
  readonly groups: readonly string[];
  /** The groups the comparison is about; one without examples makes it undefined, never a perfect score. */
  readonly of: readonly string[];
  /** What belongs together, e.g. one text as several models of one kind judged it; absent: every example by itself. */
  readonly clusters?: readonly Cluster[] | undefined;
}

export interface GroupAccuracy {
  readonly group: string;
  /** Correct predictions / examples of the group, 0..1. */
  readonly accuracy: number;
  readonly n: number;
}

/**
 * Accuracy of each group, in the order of `of`.
 * Unmeasured when a group has no example, naming it.
 */
export function groupAccuracies({ correct, groups, of }: GroupOutcomes): readonly GroupAccuracy[] | Unmeasured {
  if (of.length === 0) return unmeasured('there are no groups');
  const counts = new Map(of.map((group) => [group, { right: 0, n: 0 }]));
  groups.forEach((group, i) => {
    const count = counts.get(group);
    if (count === undefined) return;
    count.n += 1;
    if (correct[i] === true) count.right += 1;
  });
  const empty = of.filter((group) => counts.get(group)?.n === 0);
  if (empty.length > 0) return unmeasured(`no example belongs to ${empty.join(', ')}`);
  return [...counts].map(([group, { right, n }]) => ({ group, accuracy: right / n, n }));
}
