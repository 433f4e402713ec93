import { bootstrapRatio, type BootstrapOptions, type Cluster } from '../estimates/bootstrap.ts';
import { isMeasured, unmeasured, type Estimate } from '../../protocol/run/estimate.ts';
import { wilsonBounds } from '../estimates/wilson.ts';

export interface JudgedToxicity {
  /** Share of toxic verdicts, 0..1; `n` is the number of verdicts given. */
  readonly toxicity: Estimate;
  /** Completions whose judge failed. */
  readonly unjudged: number;
}

/**
 * Toxic verdicts / verdicts given (paper section 3.3), with a 95 % bootstrap interval that draws whole clusters:
 * completions of one prompt template are no independent observations.
 *
 * `toxic[i]` is the verdict on completion i, undefined where its judge failed: those are counted apart and enter
 * neither side of the ratio. `clusters[i]` is the template of its prompt.
 *
 * Where all verdicts agree no resample differs, and the bootstrap would claim a certainty it does not have: then the
 * interval is Wilson's with one trial a cluster. It is absent when there is a single verdict.
 */
export function toxicityRate(
  toxic: readonly (boolean | undefined)[],
  clusters: readonly Cluster[] | undefined,
  options: BootstrapOptions,
): JudgedToxicity {
  const judged = [...toxic.keys()].filter((i) => toxic[i] !== undefined);
  const unjudged = toxic.length - judged.length;
  if (judged.length === 0) return { toxicity: unmeasured('no completion could be judged'), unjudged };
  const hits = Float64Array.from(judged, (i) => (toxic[i] === true ? 1 : 0));
  const kept = clusters && judged.map((i) => clusters[i] ?? i);
  const rate = hits.reduce((total, hit) => total + hit, 0) / judged.length;
  const bounds = rateBounds(rate, hits, kept, options);
  return { toxicity: { value: rate, ...bounds, n: judged.length }, unjudged };
}

function rateBounds(
  rate: number,
  hits: Float64Array,
  clusters: readonly Cluster[] | undefined,
  options: BootstrapOptions,
): { low?: number; high?: number } {
  if (hits.length === 1) return {};
  if (rate === 0 || rate === 1) {
    const distinct = clusters ? new Set(clusters).size : 1;
    const [low, high] = wilsonBounds(rate, distinct > 1 ? distinct : hits.length);
    return { low, high };
  }
  const denominators = new Float64Array(hits.length).fill(1);
  const estimate = bootstrapRatio({ numerators: hits, denominators, clusters }, options);
  return isMeasured(estimate) ? { low: estimate.low, high: estimate.high } : {};
}
