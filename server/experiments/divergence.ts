/** How far each arm's next-token distribution has moved from the base's (paper section 5, figure 6). */
import { entropy } from '../metrics/entropy.ts';
import { isMeasured } from '../metrics/estimate.ts';
import { kl } from '../metrics/kl.ts';
import type { ModelPort } from './modelPort.ts';

/** One prompt of one arm, nats. A field that could not be measured (an infinite divergence) is absent. */
export interface Divergence {
  readonly promptIndex: number;
  /** KL(base || arm); never there for the base itself. */
  readonly kl?: number;
  readonly entropy?: number;
}

/** KL and entropy after every prompt: `[arm][prompt]`, the base first and then `arms`. */
export async function measureDivergence(
  model: ModelPort,
  arms: readonly string[],
  prompts: readonly string[],
  signal: AbortSignal,
): Promise<readonly (readonly Divergence[])[]> {
  const all = ['base', ...arms];
  const lines = all.map((): Divergence[] => []);
  const visit = (promptIndex: number, rows: readonly Float32Array[]): void => {
    const base = rows[0] ?? new Float32Array();
    lines.forEach((ofArm, arm) => ofArm.push(divergence(promptIndex, base, rows[arm] ?? new Float32Array(), arm > 0)));
  };
  await model.nextTokenLogProbabilities(all, prompts, visit, signal);
  return lines;
}

function divergence(promptIndex: number, base: Float32Array, row: Float32Array, hasReference: boolean): Divergence {
  const distance = hasReference ? kl(base, row) : undefined;
  const uncertainty = entropy(row);
  return {
    promptIndex,
    ...(distance !== undefined && isMeasured(distance) && { kl: distance }),
    ...(isMeasured(uncertainty) && { entropy: uncertainty }),
  };
}

/** Mean of what was measured; undefined where nothing was. */
export function meanOf(values: readonly (number | undefined)[]): number | undefined {
  const measured = values.filter((value) => value !== undefined);
  if (measured.length === 0) return undefined;
  return measured.reduce((total, value) => total + value, 0) / measured.length;
}
