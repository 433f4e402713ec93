import { bootstrapStatistic, type BootstrapOptions } from './bootstrap.ts';
import { type Estimate, isMeasured } from './estimate.ts';
import { type GroupAccuracy, groupAccuracies, type GroupOutcomes } from './groupOutcomes.ts';

/**
 * A number made of the groups' accuracies, with a 95 % bootstrap interval over examples. A largest difference or a
 * worst rate is biased upwards in resamples of small groups, so that its interval may lie above the value itself.
 */
export function overGroups(
  outcomes: GroupOutcomes,
  statistic: (accuracies: readonly GroupAccuracy[]) => number,
  options: BootstrapOptions,
): Estimate {
  const whole = groupAccuracies(outcomes);
  if (!isMeasured(whole)) return whole;
  const { groups, correct, clusters } = outcomes;
  const of = [...new Set(outcomes.of)];
  const place = new Map(of.map((group, index) => [group, index]));
  const kept = [...groups.keys()].filter((i) => place.has(groups[i] ?? ''));
  const groupOf = Uint32Array.from(kept, (i) => place.get(groups[i] ?? '') ?? 0);
  const right = Uint8Array.from(kept, (i) => Number(correct[i] === true));
  const drawn = (multiplicity: Uint32Array): number | undefined => {
    const accuracies = drawnAccuracies(of, groupOf, right, multiplicity);
    return accuracies && statistic(accuracies);
  };
  return bootstrapStatistic(
    kept.map((i) => clusters?.[i] ?? i),
    drawn,
    options,
  );
}

/** Accuracies where example i counts `multiplicity[i]` times; undefined where a group is left without examples. */
function drawnAccuracies(
  of: readonly string[],
  groupOf: Uint32Array,
  right: Uint8Array,
  multiplicity: Uint32Array,
): readonly GroupAccuracy[] | undefined {
  const hits = new Float64Array(of.length);
  const sizes = new Float64Array(of.length);
  for (let i = 0; i < groupOf.length; i++) {
    const group = groupOf[i] ?? 0;
    const times = multiplicity[i] ?? 0;
    sizes[group] = (sizes[group] ?? 0) + times;
    if (right[i] === 1) hits[group] = (hits[group] ?? 0) + times;
  }
  if (sizes.includes(0)) return undefined;
  return of.map((group, index) => {
    const n = sizes[index] ?? NaN;
    return { group, accuracy: (hits[index] ?? NaN) / n, n };
  });
}
