import { bootstrapRatio, sum, type BootstrapOptions } from '../estimates/bootstrap.ts';
import { isMeasured, unmeasured, type Estimate } from '../../protocol/run/estimate.ts';
import { meanLoss, type SequenceLoss } from './meanLoss.ts';

/**
 * How much worse an arm has become at neutral text: its loss minus the base's, nats per token over all texts; below 0 where
 * it has become better. Entry i of both arrays belongs to the same text, so that what texts differ in cancels. The 95 %
 * bootstrap interval draws whole texts; one text alone has none. `n` is the number of texts. Unmeasured without texts, and where
 * a loss is not finite.
 */
export function forgetting(
  arm: readonly SequenceLoss[],
  base: readonly SequenceLoss[],
  options: BootstrapOptions,
): Estimate {
  if (arm.length !== base.length) return unmeasured('the arm and the base were not measured on the same texts');
  const numerators = arm.map(({ nll }, i) => nll - (base[i]?.nll ?? NaN));
  const denominators = arm.map(({ tokens }) => tokens);
  const tokens = sum(denominators);
  if (tokens === 0) return unmeasured('there are no tokens');
  if (numerators.some((value) => !Number.isFinite(value))) return unmeasured('the loss is not finite');
  if (arm.length === 1) return { value: sum(numerators) / tokens, n: 1 };
  return bootstrapRatio({ numerators, denominators }, options);
}

/** Mean loss on neutral text, nats per token; `n` is the number of tokens. */
export function neutralLoss(losses: readonly SequenceLoss[]): Estimate {
  const mean = meanLoss(losses);
  return isMeasured(mean) ? { value: mean.loss, n: mean.tokens } : mean;
}
