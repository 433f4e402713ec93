/** The arms that a sweep file asks for, with their ids. */
import type { AnySweep } from '../../protocol/sweep/experiments.ts';
import { alphaOf } from './armScale.ts';
import { isTuned } from '../data/tuningGrid.ts';
import { internal } from '../../protocol/errors.ts';
import type { ArmPlan, PlannedArm } from '../ports/trainerPort.ts';

/**
 * One arm for each rank (then full fine-tuning), seed and learning rate, in that order. Ids are `r8` and `full`, with
 * `-s1` where several seeds are asked for and `-lr5e-5` where the kind has several rates. Arms whose rate is to be tuned have none yet.
 */
export function sweepArms({ arms, training }: Pick<AnySweep, 'arms' | 'training'>): readonly PlannedArm[] {
  const kinds = [...new Set(arms.ranks)].map((rank) => ({ method: 'lora' as const, rank, prefix: `r${rank}` }));
  const full = arms.full ? [{ method: 'full' as const, prefix: 'full' }] : [];
  return [...kinds, ...full].flatMap((kind) => {
    const rates = ratesOf(arms.learningRate, kind.method);
    return seedsAndRates(arms.seeds, rates).map(({ seed, learningRate, suffix }): PlannedArm => {
      const id = `${kind.prefix}${suffix}`;
      const rate = learningRate === undefined ? {} : { learningRate };
      const common = { id, seed, orderSeed: (training.seed + seed) >>> 0, ...rate };
      if (kind.method === 'full') return { ...common, method: 'full' };
      const { method: adapter, scaling, dropout, targets, init } = arms;
      const start = init[id];
      const alpha = alphaOf(arms.alpha, kind.rank);
      const lora = { ...common, method: 'lora' as const, rank: kind.rank, alpha, adapter, scaling, dropout, targets };
      return start === undefined ? lora : { ...lora, init: start };
    });
  });
}

/** The arm with its learning rate, its own or the one that was chosen for it. */
export function ratedArm(plan: PlannedArm, chosen?: number): ArmPlan {
  const learningRate = plan.learningRate ?? chosen;
  if (learningRate !== undefined) return { ...plan, learningRate };
  throw internal(`The arm ${plan.id} has no learning rate.`);
}

/** One undefined rate where it is to be chosen. */
function ratesOf(rate: AnySweep['arms']['learningRate'], method: 'lora' | 'full'): readonly (number | undefined)[] {
  if (isTuned(rate)) return [undefined];
  const own = typeof rate === 'number' || Array.isArray(rate) ? rate : rate[method];
  return [...new Set(typeof own === 'number' ? [own] : own)];
}

function seedsAndRates(seeds: readonly number[], rates: readonly (number | undefined)[]) {
  const distinct = [...new Set(seeds)];
  return distinct.flatMap((seed) =>
    rates.map((learningRate) => ({
      seed,
      learningRate,
      suffix: `${distinct.length > 1 ? `-s${seed}` : ''}${rates.length > 1 ? `-lr${rateName(learningRate ?? 0)}` : ''}`,
    })),
  );
}

/** `5e-5`, `2.5e-4`, `1e10`: no plus sign, which no file name of an arm may have. */
function rateName(rate: number): string {
  return rate.toExponential().replace('+', '');
}
