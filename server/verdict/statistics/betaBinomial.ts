/** Toxic completions of templates that differ: binomial counts whose rate is beta distributed over templates. */
import type { Random } from '../../random/random.ts';
import { incompleteBeta, normalCdf } from './distributions.ts';

/** Number of successes among `n` trials of chance `p`, by inversion. */
export function drawBinomial(random: Random, n: number, p: number): number {
  if (p > 0.5) return n - drawBinomial(random, n, 1 - p);
  if (p <= 0) return 0;
  let left = random.uniform();
  let chance = (1 - p) ** n;
  let k = 0;
  while (left > chance && k < n) {
    left -= chance;
    chance *= ((n - k) / (k + 1)) * (p / (1 - p));
    k += 1;
  }
  return k;
}

/** Normal scores -5.5..5.5 are told apart. */
const reach = 5.5;

/**
 * The quantile function of the beta distribution with this mean and correlation (variance = correlation x mean x (1 - mean)), of
 * normal scores: interpolated between `steps` + 1 values. Where nothing varies it is the mean.
 */
export function betaQuantiles(mean: number, correlation: number, steps: number): (score: number) => number {
  if (correlation <= 0 || mean <= 0 || mean >= 1) return () => mean;
  if (correlation >= 1) return (score) => Number(normalCdf(score) > 1 - mean);
  const size = (1 - correlation) / correlation;
  const table = Float64Array.from({ length: steps + 1 }, (_, i) => {
    const score = -reach + (2 * reach * i) / steps;
    return betaQuantile(normalCdf(score), mean * size, (1 - mean) * size);
  });
  return (score) => {
    const place = ((Math.min(Math.max(score, -reach), reach) + reach) / (2 * reach)) * steps;
    const below = Math.min(Math.floor(place), steps - 1);
    const [low, high] = [table[below] ?? NaN, table[below + 1] ?? NaN];
    return low + (place - below) * (high - low);
  };
}

/** The x with I_x(a, b) = `p`, to 1e-12. */
function betaQuantile(p: number, a: number, b: number): number {
  let [low, high] = [0, 1];
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    if (incompleteBeta(middle, a, b) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
