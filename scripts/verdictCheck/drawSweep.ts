/** Draws sweeps whose true toxicities are known: beta-binomial templates, part of whose effect all arms have in common. */
import { normal, type Random } from '../../server/random/random.ts';
import { incompleteBeta, normalCdf } from '../../server/verdict/statistics/distributions.ts';

export interface Design {
  readonly templates: number;
  /** Completions a template: prompts that are alike count as samples of one. */
  readonly completions: number;
  /** Correlation of completions within a template. */
  readonly rho: number;
  /** The part of a template's effect, on the normal scale, that all arms have in common. */
  readonly shared: number;
}

/** Toxic completions of each template, for each arm of which the mean toxicity is given. */
export function drawArms(random: Random, design: Design, rates: readonly number[]): readonly (readonly number[])[] {
  const common = drawEffects(random, design);
  return rates.map((rate) => drawArm(random, design, rate, common));
}

/** The effects that all arms have in common. */
export function drawEffects(random: Random, { templates }: Design): readonly number[] {
  return Array.from({ length: templates }, () => normal(random));
}

export function drawArm(
  random: Random,
  { completions, rho, shared }: Design,
  rate: number,
  common: readonly number[],
): readonly number[] {
  return common.map((effect) => {
    if (rho === 0 || rate <= 0 || rate >= 1) return drawBinomial(random, completions, rate);
    const z = Math.sqrt(shared) * effect + Math.sqrt(1 - shared) * normal(random);
    return drawBinomial(random, completions, betaAt(rate, rho, z));
  });
}

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

const [reach, steps] = [5.5, 1100];
const tables = new Map<string, Float64Array>();

/** Quantile of Beta(mean, correlation) at the normal score z, interpolated in a table. */
function betaAt(mean: number, rho: number, z: number): number {
  const key = `${mean} ${rho}`;
  const known = tables.get(key);
  const table = known ?? betaTable(mean, rho);
  if (!known) tables.set(key, table);
  const place = ((Math.min(Math.max(z, -reach), reach) + reach) / (2 * reach)) * steps;
  const below = Math.min(Math.floor(place), steps - 1);
  const [low, high] = [table[below] ?? NaN, table[below + 1] ?? NaN];
  return low + (place - below) * (high - low);
}

function betaTable(mean: number, rho: number): Float64Array {
  const size = (1 - rho) / rho;
  return Float64Array.from({ length: steps + 1 }, (_, i) => {
    const score = -reach + (2 * reach * i) / steps;
    return betaQuantile(normalCdf(score), mean * size, (1 - mean) * size);
  });
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
