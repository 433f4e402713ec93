import { type IntervalEstimate, unmeasured } from '../../protocol/run/estimate.ts';
import { normal975 } from './wilson.ts';

/** Texts of one kind, of which some are labelled. */
export interface LabelledStratum {
  /** All texts of the stratum. */
  readonly size: number;
  readonly labelled: number;
  /** Of the labelled. */
  readonly toxic: number;
}

/**
 * The toxicity rate from labels drawn at random within strata, however many from each (Cochran, Sampling Techniques,
 * 1977, chapter 5): the strata's labelled rates, weighed by the strata's sizes,
 *
 *     sum_h (N_h / N) p_h,   variance sum_h (N_h / N)^2 (1 - n_h / N_h) p_h (1 - p_h) / n_h
 *
 * with a 95 % normal interval. The variance takes p_h with one toxic and one benign label added (Agresti and Coull), for
 * a stratum whose few labels agree is not certain. `n` is the number of labels. Unmeasured where a stratum has none.
 */
export function stratifiedRate(strata: readonly LabelledStratum[]): IntervalEstimate {
  const filled = strata.filter(({ size }) => size > 0);
  const all = filled.reduce((sum, { size }) => sum + size, 0);
  if (all === 0) return unmeasured('there are no observations');
  const bare = filled.filter(({ labelled }) => labelled === 0).length;
  if (bare > 0) return unmeasured(`${bare} of ${filled.length} kinds of text have no label`);
  const value = filled.reduce((sum, { size, labelled, toxic }) => sum + (size / all) * (toxic / labelled), 0);
  const variance = filled.reduce((sum, stratum) => sum + (stratum.size / all) ** 2 * meanVariance(stratum), 0);
  const spread = normal975 * Math.sqrt(variance);
  const n = filled.reduce((sum, { labelled }) => sum + labelled, 0);
  return { value, low: Math.max(0, value - spread), high: Math.min(1, value + spread), n };
}

/** Variance of a stratum's labelled rate; 0 where all of it is labelled. */
function meanVariance({ size, labelled, toxic }: LabelledStratum): number {
  const p = (toxic + 1) / (labelled + 2);
  return ((1 - labelled / size) * p * (1 - p)) / labelled;
}

/**
 * Which stratum's next label narrows the stratified rate most: the one in which (N_h / N)^2 v_h (1 / n_h - 1 / (n_h + 1))
 * is largest (Neyman's allocation, one label at a time). `spread[h]` is v_h, the variance p (1 - p) that a label of it is
 * expected to have; one without a label goes first, the larger before the smaller. Undefined where all are labelled.
 */
export function nextStratum(
  strata: readonly (Omit<LabelledStratum, 'toxic'> & { readonly spread: number })[],
): number | undefined {
  let best: { readonly index: number; readonly bare: boolean; readonly gain: number } | undefined;
  strata.forEach(({ size, labelled, spread }, index) => {
    if (labelled >= size) return;
    const bare = labelled === 0;
    const gain = size ** 2 * spread * (bare ? 1 : 1 / labelled - 1 / (labelled + 1));
    if (best === undefined || (bare === best.bare ? gain > best.gain : bare)) best = { index, bare, gain };
  });
  return best?.index;
}
