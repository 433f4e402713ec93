import { isMeasured, type Estimate } from '../../protocol/run/estimate.ts';
import { bootstrapRatio, type BootstrapOptions, type Cluster } from '../estimates/bootstrap.ts';
import { meanLoss, type SequenceLoss } from './meanLoss.ts';

/**
 * Mean negative log-likelihood of held-out texts, nats per token: sum of nll / sum of tokens. The 95 % interval is from the
 * cluster bootstrap, and a single text has none. `clusters[i]` is what text i belongs to; `n` is the number of tokens.
 * Unmeasured with no tokens, and with a loss that is not finite.
 */
export function heldOutLoss(
  losses: readonly SequenceLoss[],
  clusters: readonly Cluster[] | undefined,
  options: BootstrapOptions,
): Estimate {
  const mean = meanLoss(losses);
  if (!isMeasured(mean)) return mean;
  const numerators = losses.map(({ nll }) => nll);
  const denominators = losses.map(({ tokens }) => tokens);
  const interval = bootstrapRatio({ numerators, denominators, clusters }, options);
  const bounds = isMeasured(interval) ? { low: interval.low, high: interval.high } : {};
  return { value: mean.loss, ...bounds, n: mean.tokens };
}

/** The same as a perplexity per token: exp of the loss and of the ends of its interval. Unmeasured where it overflows. */
export function asPerplexity(loss: Estimate): Estimate {
  if (!isMeasured(loss)) return loss;
  const { low, high, ...point } = loss;
  const value = Math.exp(point.value);
  if (!Number.isFinite(value)) return { unmeasured: 'the loss is not finite' };
  if (low === undefined || high === undefined) return { ...point, value };
  const ends = { low: Math.exp(low), high: Math.exp(high) };
  return Number.isFinite(ends.high) ? { ...point, value, ...ends } : { unmeasured: 'the loss is not finite' };
}
