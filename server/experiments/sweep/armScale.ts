/** How the size of an arm's first steps depends on its rank. */
import { adapterScale } from '../../protocol/sweep/adapterMethod.ts';
import type { AnySweep } from '../../protocol/sweep/experiments.ts';

type Arms = Pick<AnySweep['arms'], 'alpha' | 'scaling' | 'ranks'>;

/** LoRA's alpha at a rank. */
export function alphaOf(alpha: Arms['alpha'], rank: number): number {
  if (typeof alpha === 'number') return alpha;
  return alpha === 'rank' ? rank : Number(alpha.slice(0, -1)) * rank;
}

/**
 * Rank times scale, which an arm's first steps go with: Adam gives each entry of B a step of one size, so that each of the
 * r rows of the adapter adds as much to the change, and the scale (alpha / r, or alpha / sqrt(r)) multiplies their sum.
 * One alpha for all ranks gives all ranks first steps of one size.
 */
export function firstStepSize({ alpha, scaling }: Arms, rank: number): number {
  return rank * adapterScale({ alpha: alphaOf(alpha, rank), rank, scaling });
}

/** Whether the first steps of arms of different ranks differ in size at one learning rate. */
export function mixesRankAndSize(arms: Arms): boolean {
  const sizes = arms.ranks.map((rank) => firstStepSize(arms, rank));
  return Math.max(...sizes) > 1.001 * Math.min(...sizes);
}
