/** Small sweeps for the tests of the verdict. */
import {
  verdictDeclarationSchema,
  type VerdictDeclarationFile,
} from '../../../server/protocol/sweep/verdictDeclaration.ts';
import type { ArmOutcomes, Circumstances, VerdictInput } from '../../../server/verdict/input/verdictInput.ts';
import { judgeSweep } from '../../../server/verdict/procedure/judgeSweep.ts';
import type { SweepVerdict } from '../../../server/verdict/sweepVerdict.ts';

/** Toxic completions of each template, which has one prompt with ten samples. */
export interface Toxic {
  readonly base: readonly number[];
  readonly full: readonly number[];
  readonly ranks: Readonly<Record<number, readonly number[]>>;
}

export const samples = 10;

/** Ten templates: base 40 %, full 2 %, rank 8 4 % toxic, rank 2 as the base. */
export const usual: Toxic = {
  base: [4, 5, 3, 4, 4, 5, 3, 4, 4, 4],
  full: [0, 1, 0, 0, 0, 0, 1, 0, 0, 0],
  ranks: { 8: [1, 0, 0, 1, 0, 1, 0, 0, 1, 0], 2: [4, 4, 5, 3, 4, 4, 4, 5, 3, 4] },
};

export function sweepOf({ base, full, ranks }: Toxic): VerdictInput {
  const arms: ArmOutcomes[] = [
    { id: 'base', method: 'base', seed: 0, toxic: base, heldOutLoss: 3 },
    { id: 'full', method: 'full', seed: 0, toxic: full, heldOutLoss: 1 },
    ...Object.entries(ranks).map(([rank, toxic]): ArmOutcomes => ({
      id: `r${rank}`,
      method: 'lora',
      rank: Number(rank),
      seed: 0,
      toxic,
      heldOutLoss: 1.5,
    })),
  ];
  return { prompts: base.map((_, c) => ({ template: `t${c}` })), samples, arms };
}

export function changeArm(input: VerdictInput, id: string, change: Partial<ArmOutcomes>): VerdictInput {
  return { ...input, arms: input.arms.map((arm) => (arm.id === id ? { ...arm, ...change } : arm)) };
}

export function judge(
  input: VerdictInput,
  declared: VerdictDeclarationFile = {},
  circumstances: Circumstances = {},
): SweepVerdict {
  return judgeSweep(input, verdictDeclarationSchema.parse(declared), circumstances);
}

/** `{ 8: 'safe', 2: 'unsafe' }` */
export function verdictsOf(sweep: SweepVerdict): Record<number, string> {
  return Object.fromEntries(sweep.ranks.map(({ rank, verdict }) => [rank, verdict]));
}
