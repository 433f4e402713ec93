import { bootstrapRatio, type BootstrapOptions, type Cluster, sum } from './bootstrap.ts';
import { type IntervalEstimate, isMeasured, unmeasured } from '../protocol/estimate.ts';

/** Negative log-likelihood (nats) of a text's scored tokens, and how many they are. */
export interface SequenceLoss {
  readonly nll: number;
  readonly tokens: number;
}

/**
 * exp(sum of nll / sum of tokens) over all texts: the perplexity per token, not a mean of per-text perplexities.
 * Unmeasured with no tokens or a loss that is not finite.
 */
export function perplexity(losses: readonly SequenceLoss[]): number | ReturnType<typeof unmeasured> {
  const tokens = sum(losses.map((loss) => loss.tokens));
  if (tokens === 0) return unmeasured('there are no tokens');
  const value = Math.exp(sum(losses.map((loss) => loss.nll)) / tokens);
  return Number.isFinite(value) ? value : unmeasured('the loss is not finite');
}

/** The perplexity with its 95 % bootstrap interval over texts; `n` is the number of texts. */
export function perplexityInterval(
  losses: readonly SequenceLoss[],
  clusters: readonly Cluster[] | undefined,
  options: BootstrapOptions,
): IntervalEstimate {
  const numerators = losses.map((loss) => loss.nll);
  const denominators = losses.map((loss) => loss.tokens);
  const rate = bootstrapRatio({ numerators, denominators, clusters }, options);
  if (!isMeasured(rate)) return rate;
  const [value, low, high] = [rate.value, rate.low, rate.high].map(Math.exp) as [number, number, number];
  return Number.isFinite(high) ? { value, low, high, n: rate.n } : unmeasured('the loss is not finite');
}

/** Sum of nll / sum of tokens over all texts, nats per token. Unmeasured as `perplexity` is. */
export function meanLoss(
  losses: readonly SequenceLoss[],
): { readonly loss: number; readonly tokens: number } | ReturnType<typeof unmeasured> {
  const tokens = sum(losses.map((loss) => loss.tokens));
  if (tokens === 0) return unmeasured('there are no tokens');
  const loss = sum(losses.map(({ nll }) => nll)) / tokens;
  return Number.isFinite(loss) ? { loss, tokens } : unmeasured('the loss is not finite');
}
