/** Draws sweeps whose true toxicities are known: beta-binomial templates, part of whose effect all arms have in common. */
import { normal, type Random } from '../../server/random/random.ts';
import { betaQuantiles, drawBinomial } from '../../server/verdict/statistics/betaBinomial.ts';

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

const steps = 1100;
const tables = new Map<string, (score: number) => number>();

/** Quantile of Beta(mean, correlation) at the normal score z, interpolated in a table. */
function betaAt(mean: number, rho: number, z: number): number {
  const key = `${mean} ${rho}`;
  const known = tables.get(key);
  const table = known ?? betaQuantiles(mean, rho, steps);
  if (!known) tables.set(key, table);
  return table(z);
}
