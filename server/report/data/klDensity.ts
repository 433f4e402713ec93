/** How the prompts of an arm are distributed over KL(base || arm), on a logarithmic scale (paper figure 6, right). */
import { quantile } from '../../metrics/estimates/bootstrap.ts';
import type { ArmMethod } from '../../protocol/run/run.ts';
import { decimal } from '../../measures/text/format.ts';
import type { TextTable } from '../../measures/text/textTable.ts';

/** KL of every held-out prompt, or of every position, of one arm, nats. Values that are not finite are left out. */
export interface ArmDivergences {
  readonly arm: string;
  readonly method: ArmMethod;
  readonly values: readonly number[];
}

export interface Density {
  /** log10 of nats, ascending, evenly spaced over the requested range. */
  readonly at: readonly number[];
  /** Density per decade; its integral over all decades is 1. */
  readonly values: readonly number[];
}

/** The shape of a distribution is drawn from at least this many values. */
const fewestValues = 5;

/**
 * Gaussian kernel density of log10(KL) at `points` places from `low` to `high` decades, with Silverman's rule of thumb
 * for the width ("Density Estimation", 1986, section 3.4.2). Zeros have no logarithm and are left out. Undefined for
 * fewer than five positive values and for values that are all the same.
 */
export function logDensity(values: readonly number[], low: number, high: number, points = 160): Density | undefined {
  const logs = Float64Array.from(values.filter((value) => value > 0).map(Math.log10)).sort();
  const width = bandwidth(logs);
  if (logs.length < fewestValues || !(width > 0)) return undefined;
  const at = Array.from({ length: points }, (_, i) => low + (i * (high - low)) / (points - 1));
  const scale = 1 / (logs.length * width * Math.sqrt(2 * Math.PI));
  const height = (x: number) => logs.reduce((sum, log) => sum + Math.exp(-0.5 * ((x - log) / width) ** 2), 0) * scale;
  return { at, values: at.map(height) };
}

function bandwidth(sorted: Float64Array): number {
  const mean = sorted.reduce((sum, x) => sum + x, 0) / sorted.length;
  const deviation = Math.sqrt(sorted.reduce((sum, x) => sum + (x - mean) ** 2, 0) / Math.max(1, sorted.length - 1));
  const spread = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 1.34;
  return 0.9 * (spread > 0 ? Math.min(deviation, spread) : deviation) * sorted.length ** -0.2;
}

/** Quantiles of each arm's values. `counted` names what the values belong to, e.g. `prompts`. */
export function divergenceTable(arms: readonly ArmDivergences[], counted = 'prompts'): TextTable {
  const rows = arms.map(({ arm, values }) => {
    const sorted = Float64Array.from(values).sort();
    const marks = [0.1, 0.5, 0.9, 1].map((share) => decimal(quantile(sorted, share)));
    return [arm, String(values.length), ...marks];
  });
  return { header: ['arm', counted, '10 % below, nats', 'median', '90 % below', 'largest'], rows };
}
