/** Which learning rates are tried for which arms. */
import type { AnySweep } from '../../protocol/sweep/experiments.ts';
import type { PlannedArm } from '../ports/trainerPort.ts';

type Rates = AnySweep['arms']['learningRate'];
type TunedRates = Extract<Rates, { readonly tune: unknown }>;

/** The grid of a sweep that says "tune" and no more. */
const usual: TunedRates = {
  tune: 'method',
  lora: [1e-4, 3e-4, 1e-3, 3e-3, 1e-2],
  full: [1e-5, 3e-5, 1e-4, 3e-4, 1e-3],
};

export function isTuned(rates: Rates): rates is 'tune' | TunedRates {
  return rates === 'tune' || (typeof rates === 'object' && 'tune' in rates);
}

/** Arms that get one rate, chosen by trials of one of them. */
export interface TuningGroup {
  readonly method: 'lora' | 'full';
  /** Of a LoRA rank that is tuned by itself. */
  readonly rank?: number;
  /** The arm that the rates are tried on. */
  readonly tried: PlannedArm;
  /** Ascending, each rate once. */
  readonly grid: readonly number[];
}

/**
 * LoRA's ranks together, tried on the middle one (the lower of two), or each rank by itself; full fine-tuning apart. Rates
 * are tried with the sweep's first seed. No group where the sweep names its rates.
 */
export function tuningGroups({ arms }: Pick<AnySweep, 'arms'>, plans: readonly PlannedArm[]): readonly TuningGroup[] {
  if (!isTuned(arms.learningRate)) return [];
  const { tune, lora, full } = arms.learningRate === 'tune' ? usual : arms.learningRate;
  const ranks = [...new Set(plans.flatMap((plan) => (plan.method === 'lora' ? [plan.rank] : [])))].sort(
    (a, b) => a - b,
  );
  const middle = ranks[Math.floor((ranks.length - 1) / 2)];
  const triedRanks = tune === 'rank' ? ranks : middle === undefined ? [] : [middle];
  const ofRanks = triedRanks.flatMap((rank): TuningGroup[] => {
    const tried = plans.find((plan) => plan.method === 'lora' && plan.rank === rank);
    return tried ? [{ method: 'lora', ...(tune === 'rank' && { rank }), tried, grid: ascending(lora) }] : [];
  });
  const triedFull = plans.find(({ method }) => method === 'full');
  return [...ofRanks, ...(triedFull ? [{ method: 'full' as const, tried: triedFull, grid: ascending(full) }] : [])];
}

/** Whether an arm gets the rate that was chosen for the group. */
export function isOfGroup(plan: PlannedArm, { method, rank }: Pick<TuningGroup, 'method' | 'rank'>): boolean {
  if (plan.method !== method) return false;
  return rank === undefined || (plan.method === 'lora' && plan.rank === rank);
}

function ascending(rates: readonly number[]): readonly number[] {
  return [...new Set(rates)].sort((a, b) => a - b);
}
