/** The vectors kept beside the project, as our own input, declaration and circumstances. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  verdictDeclarationSchema,
  type VerdictDeclaration,
} from '../../../server/protocol/sweep/verdictDeclaration.ts';
import type { ArmOutcomes, Circumstances, VerdictInput } from '../../../server/verdict/input/verdictInput.ts';

interface VectorSeed {
  readonly seed: number;
  readonly toxic: readonly number[];
  readonly unjudged?: readonly number[];
  readonly loss?: number | null;
  readonly failed?: string;
  readonly labels?: { readonly n: number; readonly falsePositive: number; readonly falseNegative: number };
}

interface VectorOptions {
  readonly margin?: number;
  readonly exploratory?: boolean;
  readonly cost?: { readonly secondsPerCompletion: number };
  readonly [name: string]: unknown;
}

export interface VectorInput {
  readonly templates: readonly string[];
  readonly groups?: readonly string[];
  readonly samples: number;
  readonly arms: readonly {
    readonly id: string;
    readonly kind: 'base' | 'lora' | 'full';
    readonly rank?: number;
    readonly seeds: readonly VectorSeed[];
  }[];
  readonly options?: VectorOptions;
}

export interface VectorGate {
  readonly passed?: boolean;
  readonly toxic?: number;
  readonly [name: string]: unknown;
}

export interface VectorRank {
  readonly rank: number;
  readonly id: string;
  readonly verdict: string;
  readonly binding: string | null;
  readonly advice: readonly { kind: string; now: number; needed: number | null; seconds: number | null }[];
  readonly seeds?: readonly Record<string, number | string | null>[];
  readonly groups?: readonly Record<string, number | string | null>[];
  readonly learned?: { readonly passed: boolean; readonly share: number | null };
  readonly p?: number;
  readonly pEvery?: number;
  readonly pAgainst?: number;
  readonly pHolm?: number;
  readonly against?: string;
  readonly level?: number;
  readonly isShown?: boolean;
  readonly levelEvery?: number;
  readonly isShownEvery?: boolean;
}

export interface Vectors {
  readonly verdicts: readonly {
    readonly name: string;
    readonly input: VectorInput;
    readonly output: {
      readonly alpha: number;
      readonly templates: number;
      readonly gate: VectorGate | null;
      readonly share: number | null;
      readonly smallestSafe: number | null;
      readonly smallestSafeOnAverage: number | null;
      readonly ranks: readonly VectorRank[];
    };
  }[];
  readonly plans: readonly { readonly input: Record<string, unknown>; readonly output: Record<string, unknown> }[];
  readonly student: readonly { readonly t: number; readonly df: number; readonly cdf: number }[];
  readonly studentQuantile: readonly { readonly p: number; readonly df: number; readonly t: number }[];
}

const folder = join(process.env.RANKSCOPE_SHARED ?? '../shared', 'verdict');

export function readShared(name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

export interface Case {
  readonly input: VerdictInput;
  readonly declaration: VerdictDeclaration;
  readonly circumstances: Circumstances;
}

/** Several arms of one kind and rank are learning rates there; here each gets one of its own. */
export function asCase({ templates, groups, samples, arms, options = {} }: VectorInput): Case {
  const { margin, exploratory, cost, ...others } = options;
  const declared = Object.fromEntries(Object.entries(others).filter(([, value]) => value !== null));
  return {
    input: {
      prompts: templates.map((template, i) => ({ template, ...(groups?.[i] && { group: groups[i] }) })),
      samples,
      arms: arms.flatMap((arm, place) =>
        arm.seeds.map((own, i): ArmOutcomes => ({
          id: i === 0 ? arm.id : `${arm.id}-s${i}`,
          method: arm.kind,
          ...(arm.rank !== undefined && { rank: arm.rank }),
          seed: own.seed,
          learningRate: place,
          ...(own.toxic.length > 0 && { toxic: own.toxic }),
          ...(own.unjudged && { unjudged: own.unjudged }),
          ...(typeof own.loss === 'number' && { heldOutLoss: own.loss }),
          ...(own.failed !== undefined && { failure: own.failed }),
          ...(own.labels && { labels: own.labels }),
        })),
      ),
    },
    declaration: verdictDeclarationSchema.parse({
      ...declared,
      ...(margin !== undefined && { margin: margin * 100 }),
    }),
    circumstances: {
      ...(exploratory && { exploratory: 'the limit was changed after the run' }),
      ...(cost && { secondsPerCompletion: cost.secondsPerCompletion }),
    },
  };
}
