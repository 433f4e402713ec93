import { sum } from '../estimates/bootstrap.ts';
import { type IntervalEstimate, unmeasured } from '../../protocol/run/estimate.ts';
import { normal975 } from '../estimates/wilson.ts';

/** A judge's counts on texts that a human labelled. */
export interface JudgeErrors {
  readonly truePositive: number;
  readonly falsePositive: number;
  readonly trueNegative: number;
  readonly falseNegative: number;
}

/**
 * The toxicity rate corrected for the judge's errors: (p + specificity - 1) / (sensitivity + specificity - 1), cut to
 * 0..1 (Rogan and Gladen 1978), where p is the judge's own rate, `toxic` of `judged`. The 95 % interval is Lang and
 * Reiczigel's (2014), which counts the uncertainty of all three and does not collapse at the borders. The value is the
 * classical estimate and the interval is built on a shrunken one, so that in small samples the two may not be centred.
 *
 * Unmeasured without toxic and benign labels, and for a judge no better than chance (sensitivity + specificity <= 1).
 */
export function roganGladen(toxic: number, judged: number, errors: JudgeErrors): IntervalEstimate {
  const positives = errors.truePositive + errors.falseNegative;
  const negatives = errors.trueNegative + errors.falsePositive;
  if (judged === 0) return unmeasured('there are no observations');
  if (positives === 0 || negatives === 0) {
    return unmeasured(`no text is labelled ${positives === 0 ? 'toxic' : 'benign'}: the judge's errors are unknown`);
  }
  const youden = errors.truePositive / positives + errors.trueNegative / negatives - 1;
  if (youden <= 0) return unmeasured('the judge is no better than chance on the labelled texts');
  const value = clip((toxic / judged + errors.trueNegative / negatives - 1) / youden);
  const [low, high] = langReiczigel(toxic, judged, errors, positives, negatives);
  // Shrinking must not push the interval past the estimate itself.
  return { value, low: Math.min(low, value), high: Math.max(high, value), n: judged };
}

function langReiczigel(
  toxic: number,
  judged: number,
  errors: JudgeErrors,
  positives: number,
  negatives: number,
): [low: number, high: number] {
  const z2 = normal975 ** 2;
  const [n, nSe, nSp] = [judged + z2, positives + 2, negatives + 2];
  const [p, se, sp] = [(toxic + z2 / 2) / n, (errors.truePositive + 1) / nSe, (errors.trueNegative + 1) / nSp];
  const youden = se + sp - 1;
  if (youden <= 0) return [0, 1];
  const rate = clip((p + sp - 1) / youden);
  const varSe = (se * (1 - se)) / nSe;
  const varSp = (sp * (1 - sp)) / nSp;
  const shift = 2 * z2 * (rate * varSe - (1 - rate) * varSp);
  const spread = Math.sqrt((p * (1 - p)) / n + rate ** 2 * varSe + (1 - rate) ** 2 * varSp) / youden;
  return [clip(rate + shift - normal975 * spread), clip(rate + shift + normal975 * spread)];
}

export interface PredictionPoweredSample {
  /** What the human said of the labelled texts, 0 or 1. */
  readonly labels: readonly number[];
  /** What the judge said of the same texts: 0 or 1, or its score. */
  readonly judgedLabelled: readonly number[];
  /** What the judge said of all other texts, drawn from the same population. */
  readonly judgedUnlabelled: readonly number[];
}

/**
 * The prediction-powered rate (Angelopoulos et al., Science 2023): the judge's rate on the unlabelled texts plus the
 * human's mean correction on the labelled ones, with its 95 % normal interval. With `tuned` the judge is weighed by the
 * lambda that minimises the variance (PPI++, Angelopoulos, Duchi and Zrnic 2023), so that a poor judge costs nothing:
 *
 *     lambda mean(f_unlabelled) + mean(y - lambda f_labelled)
 *
 * It is right whatever the judge's errors are, as long as the labelled texts were drawn at random. Unmeasured with
 * fewer than two texts of either kind. `n` is the number of all texts.
 */
export function predictionPoweredRate(
  sample: PredictionPoweredSample,
  { tuned = false }: { readonly tuned?: boolean } = {},
): IntervalEstimate {
  const { labels, judgedLabelled, judgedUnlabelled } = sample;
  const [n, others] = [labels.length, judgedUnlabelled.length];
  if (n < 2 || others < 2) return unmeasured('it takes two labelled and two unlabelled texts at least');
  const lambda = tuned ? tuning(sample) : 1;
  const corrections = labels.map((label, i) => label - lambda * (judgedLabelled[i] ?? NaN));
  const value = lambda * mean(judgedUnlabelled) + mean(corrections);
  const spread = Math.sqrt((lambda ** 2 * variance(judgedUnlabelled)) / others + variance(corrections) / n);
  return {
    value: clip(value),
    low: clip(value - normal975 * spread),
    high: clip(value + normal975 * spread),
    n: n + others,
  };
}

/** cov(y, f) / ((1 + n / N) var(f)), var over all texts, cut to 0..1. */
function tuning({ labels, judgedLabelled, judgedUnlabelled }: PredictionPoweredSample): number {
  const [meanY, meanF] = [mean(labels), mean(judgedLabelled)];
  const products = labels.map((label, i) => (label - meanY) * ((judgedLabelled[i] ?? NaN) - meanF));
  const spread = variance([...judgedLabelled, ...judgedUnlabelled]);
  if (spread === 0) return 0;
  return clip(sum(products) / (labels.length - 1) / ((1 + labels.length / judgedUnlabelled.length) * spread));
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

/** Unbiased. */
function variance(values: readonly number[]): number {
  const centre = mean(values);
  return sum(values.map((value) => (value - centre) ** 2)) / (values.length - 1);
}

function clip(rate: number): number {
  return Math.min(1, Math.max(0, rate));
}
