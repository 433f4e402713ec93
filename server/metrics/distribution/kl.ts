import { type Unmeasured, unmeasured } from '../../protocol/run/estimate.ts';

/** How far a row's probabilities may sum from 1 before it is taken for something else (logits, a truncated row). */
const massTolerance = 1e-2;

/**
 * KL(base || arm) = sum over the vocabulary of p_base log(p_base / p_arm), nats, for one position (paper figure 6).
 *
 * Both rows are natural-log probabilities over the same vocabulary. It is accumulated in float64 in the form
 * sum p (d + e^-d - 1), d = log p - log q, which adds q - p to each term: equal where both rows sum to 1, never
 * negative, and free of the first-order error of rows rounded to float32.
 *
 * A token the base excludes (-Infinity) contributes nothing to the divergence (0 log 0 = 0). Where the arm excludes a
 * token that the base allows the divergence is infinite, and that is returned as a reason. So is a row that is no
 * distribution.
 */
export function kl(base: Float32Array, arm: Float32Array): number | Unmeasured {
  if (base.length !== arm.length || base.length === 0) {
    return unmeasured(`the vocabularies have ${base.length} and ${arm.length} tokens`);
  }
  let total = 0;
  let baseMass = 0;
  let armMass = 0;
  for (let token = 0; token < base.length; token++) {
    const logP = base[token] ?? NaN;
    const logQ = arm[token] ?? NaN;
    const p = Math.exp(logP);
    const q = Math.exp(logQ);
    baseMass += p;
    armMass += q;
    if (logQ === -Infinity && p > 0)
      return unmeasured(`infinite: the arm excludes token ${token}, which the base allows`);
    // p e^-d = q: below p = 0, and where e^-d would overflow, the term is q itself plus p (d - 1).
    total += p === 0 ? q : term(p, q, logP - logQ);
  }
  const fault = massFault('base', baseMass) ?? massFault('arm', armMass);
  return fault ?? total;
}

/** p (d + e^-d - 1), by expm1 near d = 0, where the plain form would cancel. */
function term(p: number, q: number, d: number): number {
  return Math.abs(d) < 1 ? p * (d + Math.expm1(-d)) : p * (d - 1) + q;
}

/** Why a row is no distribution, if it is none. */
export function massFault(row: string, mass: number): Unmeasured | undefined {
  if (Math.abs(mass - 1) <= massTolerance) return undefined;
  return unmeasured(`the ${row} row is no distribution: its probabilities sum to ${mass.toPrecision(4)}`);
}
