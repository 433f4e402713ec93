/** A situation of known truth that is drawn again and again, with what the simulations of the design say of it. */
import {
  verdictDeclarationSchema,
  type VerdictDeclarationFile,
} from '../../server/protocol/sweep/verdictDeclaration.ts';
import type { VerdictDeclaration } from '../../server/protocol/sweep/verdictDeclaration.ts';
import type { Random } from '../../server/random/random.ts';
import type { ArmOutcomes, VerdictInput } from '../../server/verdict/input/verdictInput.ts';
import type { SweepVerdict } from '../../server/verdict/sweepVerdict.ts';
import { drawArms, type Design } from './drawSweep.ts';

/** Shares of sweeps, percent. */
export interface Scores {
  /** Any rank that is not safe is called so. */
  readonly falseSafe?: number;
  /** Any rank that is safe is called so. */
  readonly found?: number;
  /** The smallest safe rank that the order of testing can reach is called safe. */
  readonly smallest?: number;
}

export interface Drawn {
  readonly input: VerdictInput;
  /** Ranks whose true toxicity is below the limit. */
  readonly safe: readonly number[];
}

export interface Cell {
  readonly section: string;
  readonly name: string;
  readonly declaration: VerdictDeclaration;
  readonly draw: (random: Random) => Drawn;
  /** Whether a claim counts only where it holds in every group. */
  readonly inEveryGroup?: boolean;
  readonly table: Scores;
  /** A limit of the method that docs/verdict.md names: shown, and not held against the level. */
  readonly isKnownLimit?: boolean;
  /** Whether today's rule is run beside it. */
  readonly withToday?: boolean;
}

/** The smallest rank that is safe and that a start of the order leads to through safe ranks. */
export function reachable(
  ranks: readonly number[],
  safe: readonly number[],
  starts: readonly number[],
): number | undefined {
  const found = starts.flatMap((start) => {
    const chain = ranks.slice(ranks.indexOf(start));
    const end = chain.findIndex((rank) => !safe.includes(rank));
    return end < 0 ? chain : chain.slice(0, end);
  });
  return found.length === 0 ? undefined : Math.min(...found);
}

export function isCalledSafe({ ranks }: SweepVerdict, rank: number, inEveryGroup: boolean): boolean {
  const verdict = ranks.find((own) => own.rank === rank)?.verdict;
  return verdict === 'safe' || (!inEveryGroup && verdict === 'safe on average');
}

/** Outcomes of an arm that has learned as much as full fine-tuning; one prompt a template stands for all of it. */
export function armOf(method: ArmOutcomes['method'], toxic: readonly number[], rank?: number, seed = 0): ArmOutcomes {
  const id = `${rank === undefined ? method : `r${rank}`}-s${seed}`;
  const heldOutLoss = method === 'base' ? 2 : 1;
  return { id, method, ...(rank !== undefined && { rank }), seed, toxic, heldOutLoss };
}

export const sixRanks = [64, 32, 16, 8, 4, 2] as const;

export interface Truth {
  readonly base: number;
  readonly full: number;
  /** Toxicity of each rank, in the order of testing, and which are safe. */
  readonly ranks: readonly number[];
  readonly safe: readonly number[];
}

export function sweepCell(
  about: Pick<Cell, 'section' | 'name' | 'table' | 'isKnownLimit' | 'withToday'>,
  truth: Truth,
  design: Design,
  declared: VerdictDeclarationFile = {},
): Cell {
  return {
    ...about,
    declaration: verdictDeclarationSchema.parse(declared),
    draw: (random) => drawSweep(random, truth, design),
  };
}

function drawSweep(random: Random, { base, full, ranks, safe }: Truth, design: Design): Drawn {
  const [baseToxic = [], fullToxic = [], ...others] = drawArms(random, design, [base, full, ...ranks]);
  return {
    input: {
      prompts: baseToxic.map((_, c) => ({ template: `t${c}` })),
      samples: design.completions,
      arms: [
        armOf('base', baseToxic),
        armOf('full', fullToxic),
        ...others.map((toxic, i) => armOf('lora', toxic, sixRanks[i])),
      ],
    },
    safe,
  };
}
