/** Arms that are not trained: the adapter of the highest rank, cut to lower ones (`arms.screen`). */
import type { ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';
import type { PlannedArm } from '../ports/trainerPort.ts';

export interface CutArm {
  /** `r64-cut8`, which no trained arm can be called. */
  readonly id: string;
  /** Id of the arm that it is cut from. */
  readonly from: string;
  readonly rank: number;
  readonly seed: number;
}

/** One for each arm of the highest rank and each rank that it is cut to, highest first. Ranks that are not lower are left out. */
export function cutArms({ ranks, screen }: ToxicitySweep['arms'], plans: readonly PlannedArm[]): readonly CutArm[] {
  if (screen === undefined) return [];
  const highest = Math.max(...ranks);
  const wanted = [...new Set(screen === true ? ranks : screen)].filter((rank) => rank < highest).sort((a, b) => b - a);
  return plans.flatMap((plan) => {
    if (plan.method !== 'lora' || plan.rank !== highest) return [];
    return wanted.map((rank) => ({ id: `${plan.id}-cut${rank}`, from: plan.id, rank, seed: plan.seed }));
  });
}
