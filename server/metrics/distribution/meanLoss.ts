import { sum } from '../estimates/bootstrap.ts';
import { unmeasured } from '../../protocol/run/estimate.ts';

/** Negative log-likelihood (nats) of a text's scored tokens, and how many they are. */
export interface SequenceLoss {
  readonly nll: number;
  readonly tokens: number;
}

/**
 * Sum of nll / sum of tokens over all texts, nats per token: not a mean of per-text losses. Unmeasured with no tokens or a
 * loss that is not finite.
 */
export function meanLoss(
  losses: readonly SequenceLoss[],
): { readonly loss: number; readonly tokens: number } | ReturnType<typeof unmeasured> {
  const tokens = sum(losses.map((loss) => loss.tokens));
  if (tokens === 0) return unmeasured('there are no tokens');
  const loss = sum(losses.map(({ nll }) => nll)) / tokens;
  return Number.isFinite(loss) ? { loss, tokens } : unmeasured('the loss is not finite');
}
