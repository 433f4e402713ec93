import type { Unmeasured } from './estimate.ts';
import { unmeasured } from './estimate.ts';

/** Predictions on a classification data set, by protected group. Arrays have one entry an example. */
export interface GroupOutcomes {
  readonly correct: readonly boolean[];
  readonly groups: readonly string[];
  /** The groups the comparison is about; one without examples makes it undefined, never a perfect score. */
  readonly of: readonly string[];
}

export interface GroupAccuracy {
  readonly group: string;
  /** Correct predictions / examples of the group, 0..1. */
  readonly accuracy: number;
  readonly n: number;
}

/**
 * Accuracy of each group. `multiplicity[i]` counts example i that many times (a bootstrap draw); absent, once.
 * Unmeasured when a group has no example, naming it.
 */
export function groupAccuracies(
  { correct, groups, of }: GroupOutcomes,
  multiplicity?: Uint32Array,
): readonly GroupAccuracy[] | Unmeasured {
  if (of.length === 0) return unmeasured('there are no groups');
  const counts = new Map(of.map((group) => [group, { right: 0, n: 0 }]));
  groups.forEach((group, i) => {
    const count = counts.get(group);
    if (count === undefined) return;
    const times = multiplicity?.[i] ?? 1;
    count.n += times;
    if (correct[i] === true) count.right += times;
  });
  const empty = of.filter((group) => counts.get(group)?.n === 0);
  if (empty.length > 0) return unmeasured(`no example belongs to ${empty.join(', ')}`);
  return [...counts].map(([group, { right, n }]) => ({ group, accuracy: right / n, n }));
}
