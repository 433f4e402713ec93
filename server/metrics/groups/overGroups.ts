import { bootstrapStatistic, type BootstrapOptions } from '../estimates/bootstrap.ts';
import { type IntervalEstimate, isMeasured, unmeasured } from '../../protocol/run/estimate.ts';
import { type GroupAccuracy, groupAccuracies, type GroupOutcomes } from './groupOutcomes.ts';
import { wilsonBounds } from '../estimates/wilson.ts';

/**
 * A number made of the groups' accuracies, with a 95 % bootstrap interval over examples. A largest difference or a
 * worst rate is biased upwards in resamples of small groups, so that its interval may lie above the value itself.
 *
 * Where no resample differs, as where the groups that count are all right or all wrong, the bootstrap would claim a
 * certainty that it does not have: then the interval is what the groups' Wilson intervals allow.
 */
export function overGroups(
  outcomes: GroupOutcomes,
  statistic: (accuracies: readonly GroupAccuracy[]) => number,
  options: BootstrapOptions,
): IntervalEstimate {
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
  const estimate = bootstrapStatistic(
    kept.map((i) => clusters?.[i] ?? i),
    drawn,
    options,
  );
  if (!isMeasured(estimate) || estimate.low < estimate.high) return estimate;
  return withinWilson(whole, textsOf(outcomes), statistic);
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

/** How many clusters each group has: what several models say of one text is one observation. */
function textsOf({ groups, clusters }: GroupOutcomes): ReadonlyMap<string, number> {
  const texts = new Map<string, Set<unknown>>();
  groups.forEach((group, i) => texts.set(group, (texts.get(group) ?? new Set()).add(clusters?.[i] ?? i)));
  return new Map([...texts].map(([group, own]) => [group, own.size]));
}

/** More have too many combinations of bounds to try. */
const mostGroups = 12;

/** The statistic's least and largest value while each accuracy moves within its Wilson interval. */
function withinWilson(
  whole: readonly GroupAccuracy[],
  texts: ReadonlyMap<string, number>,
  statistic: (accuracies: readonly GroupAccuracy[]) => number,
): IntervalEstimate {
  if (whole.length > mostGroups) return unmeasured(`no resample of the ${whole.length} groups differs`);
  const bounds = whole.map(({ group, accuracy, n }) => wilsonBounds(accuracy, texts.get(group) ?? n));
  const at = (values: readonly number[]): number =>
    statistic(whole.map((own, i) => ({ ...own, accuracy: values[i] ?? own.accuracy })));
  const corners = bounds.reduce<readonly (readonly number[])[]>(
    (all, ends) => all.flatMap((values) => ends.map((end) => [...values, end])),
    [[]],
  );
  const [least, most] = [Math.max(...bounds.map(([low]) => low)), Math.min(...bounds.map(([, high]) => high))];
  // Where the intervals share a value all groups may have it.
  const shared = least <= most ? [bounds.map(() => least)] : [];
  const values = [...corners, ...shared].map(at);
  const n = whole.reduce((total, own) => total + own.n, 0);
  return { value: statistic(whole), low: Math.min(...values), high: Math.max(...values), n };
}
