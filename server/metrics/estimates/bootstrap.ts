import { type IntervalEstimate, unmeasured } from '../../protocol/run/estimate.ts';
import { createRandom, type Random } from '../../random/random.ts';

/** What observations belong together, e.g. the template their prompts were made from. */
export type Cluster = string | number;

export interface BootstrapOptions {
  /** Any integer; stored with the result so that the interval can be recomputed. */
  readonly seed: number;
  /** Resamples drawn; 2,000 unless given. */
  readonly resamples?: number;
}

const defaultResamples = 2000;

/** The observations of a ratio: sum of numerators / sum of denominators. All three arrays have one entry each. */
export interface RatioSample {
  readonly numerators: ArrayLike<number>;
  readonly denominators: ArrayLike<number>;
  /** Absent: every observation is a cluster of its own. */
  readonly clusters?: readonly Cluster[] | undefined;
}

/**
 * Sum of numerators / sum of denominators with a 95 % percentile interval from the cluster bootstrap: whole clusters
 * are drawn with replacement, as many as there are (Davison and Hinkley, "Bootstrap Methods", 1997, section 3.8).
 * With one cluster only, the observations themselves are drawn. `n` is the number of observations.
 * Unmeasured with no observation, with one, and when the denominators sum to 0.
 */
export function bootstrapRatio(sample: RatioSample, options: BootstrapOptions): IntervalEstimate {
  const n = sample.numerators.length;
  const sums = clusterSums(sample);
  const value = ratioOf(sums.numerators, sums.denominators);
  if (n === 0) return unmeasured('there are no observations');
  if (value === undefined) return unmeasured('the denominator is 0');
  if (n === 1) return unmeasured('one observation gives no interval');
  const draws = resampledRatios(sums, options);
  if (draws.length === 0) return unmeasured('every resample has the denominator 0');
  const [low, high] = percentileInterval(draws);
  return { value, low, high, n };
}

/** Mean with its clustered 95 % bootstrap interval; see bootstrapRatio. */
export function bootstrapMean(
  values: ArrayLike<number>,
  clusters: readonly Cluster[] | undefined,
  options: BootstrapOptions,
): IntervalEstimate {
  const ones = new Float64Array(values.length).fill(1);
  return bootstrapRatio({ numerators: values, denominators: ones, clusters }, options);
}

/**
 * Any statistic with its clustered 95 % percentile interval. `statistic` gets how many times each observation was
 * drawn, and returns undefined where it does not exist for that draw (such draws are left out).
 */
export function bootstrapStatistic(
  clusters: readonly Cluster[],
  statistic: (multiplicity: Uint32Array) => number | undefined,
  options: BootstrapOptions,
): IntervalEstimate {
  const n = clusters.length;
  if (n < 2) return unmeasured(n === 0 ? 'there are no observations' : 'one observation gives no interval');
  const value = statistic(new Uint32Array(n).fill(1));
  if (value === undefined) return unmeasured('the statistic does not exist for these observations');
  const { membership, count } = numberClusters(clusters);
  const random = createRandom(options.seed);
  const draws: number[] = [];
  for (let round = 0; round < (options.resamples ?? defaultResamples); round++) {
    const drawn = drawCounts(count, random);
    const result = statistic(membership.map((cluster) => drawn[cluster] ?? 0));
    if (result !== undefined) draws.push(result);
  }
  if (draws.length === 0) return unmeasured('the statistic does not exist for any resample');
  const [low, high] = percentileInterval(draws);
  return { value, low, high, n };
}

/** 2.5th and 97.5th percentile of the draws, linearly interpolated (Hyndman and Fan's type 7). */
export function percentileInterval(draws: readonly number[]): [low: number, high: number] {
  const sorted = Float64Array.from(draws).sort();
  return [quantile(sorted, 0.025), quantile(sorted, 0.975)];
}

/** Quantile of ascending values; NaN of none. */
export function quantile(sorted: Float64Array, probability: number): number {
  const position = probability * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? NaN;
  const high = sorted[Math.min(below + 1, sorted.length - 1)] ?? NaN;
  return low + (position - below) * (high - low);
}

interface Sums {
  readonly numerators: Float64Array;
  readonly denominators: Float64Array;
}

/** Adds the observations of each cluster up, so that a resample costs one addition a cluster. */
function clusterSums({ numerators, denominators, clusters }: RatioSample): Sums {
  const numbered = clusters && numberClusters(clusters);
  if (numbered === undefined || numbered.count < 2) {
    return { numerators: Float64Array.from(numerators), denominators: Float64Array.from(denominators) };
  }
  const sums = { numerators: new Float64Array(numbered.count), denominators: new Float64Array(numbered.count) };
  numbered.membership.forEach((cluster, i) => {
    sums.numerators[cluster] = (sums.numerators[cluster] ?? 0) + (numerators[i] ?? NaN);
    sums.denominators[cluster] = (sums.denominators[cluster] ?? 0) + (denominators[i] ?? NaN);
  });
  return sums;
}

/** Clusters in order of first appearance; one cluster alone is split into its observations. */
function numberClusters(clusters: readonly Cluster[]): { membership: Uint32Array; count: number } {
  const ids = new Map<Cluster, number>();
  for (const cluster of clusters) if (!ids.has(cluster)) ids.set(cluster, ids.size);
  if (ids.size < 2) return { membership: Uint32Array.from(clusters.keys()), count: clusters.length };
  return { membership: Uint32Array.from(clusters, (cluster) => ids.get(cluster) ?? 0), count: ids.size };
}

function drawCounts(count: number, random: Random): Uint32Array {
  const drawn = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    const chosen = random.below(count);
    drawn[chosen] = (drawn[chosen] ?? 0) + 1;
  }
  return drawn;
}

function resampledRatios({ numerators, denominators }: Sums, options: BootstrapOptions): number[] {
  const random = createRandom(options.seed);
  const count = numerators.length;
  const draws: number[] = [];
  for (let round = 0; round < (options.resamples ?? defaultResamples); round++) {
    let numerator = 0;
    let denominator = 0;
    for (let i = 0; i < count; i++) {
      const chosen = random.below(count);
      numerator += numerators[chosen] ?? NaN;
      denominator += denominators[chosen] ?? NaN;
    }
    if (denominator !== 0) draws.push(numerator / denominator);
  }
  return draws;
}

function ratioOf(numerators: Float64Array, denominators: Float64Array): number | undefined {
  const denominator = sum(denominators);
  return denominator === 0 ? undefined : sum(numerators) / denominator;
}

/** Sum in float64. */
export function sum(values: ArrayLike<number>): number {
  let total = 0;
  for (const value of Array.from(values)) total += value;
  return total;
}
