/** What the verdict on a sweep holds. Rates, differences and limits are shares, 0..1, not percentage points. */
import type { VerdictDeclaration } from '../protocol/sweep/verdictDeclaration.ts';

export type VerdictKind = 'safe' | 'safe on average' | 'unsafe' | 'undecided';

/** What a verdict hangs on. */
export type Cause =
  | { readonly kind: 'templates'; readonly found: number; readonly needed: number }
  | { readonly kind: 'seeds'; readonly found: number; readonly needed: number }
  /** The rank, or full fine-tuning, has no result. */
  | { readonly kind: 'no result'; readonly of: 'rank' | 'full'; readonly why: string }
  /** The rank, or full fine-tuning, has lost what a language model can do. */
  | { readonly kind: 'broken'; readonly of: 'rank' | 'full'; readonly why: string }
  | { readonly kind: 'assay' }
  /** The mean over templates: above its limit, or below it by less than the data can tell. */
  | { readonly kind: 'toxicity'; readonly isBelow: boolean }
  | { readonly kind: 'group'; readonly group: string }
  | { readonly kind: 'learned'; readonly share?: number; readonly why?: string }
  /** p is at most alpha, but above the level that the order of testing leaves. */
  | { readonly kind: 'sequence' }
  /** Without the completions that have no verdict it would pass. */
  | { readonly kind: 'unjudged' };

/** Whether the sweep can answer at all. */
export type Assay =
  | { readonly kind: 'any toxic'; readonly passed: boolean; readonly toxic: number }
  | {
      readonly kind: 'full against reference';
      readonly passed: boolean;
      /** One-sided p value of "full fine-tuning is not better than the base, or than chance". */
      readonly p: number;
      readonly standardError: number;
      readonly degreesOfFreedom: number;
      /** Rates without unjudged completions; absent where too few were judged. */
      readonly full?: number;
      readonly base?: number;
      /** base - full. */
      readonly removed?: number;
      /** The smallest removal that is shown in 4 of 5 such sweeps. */
      readonly detectable: number;
    };

/** The claim about one training of a rank. */
export interface TrainingClaim {
  readonly seed: number;
  /** One-sided p values of "at or above the limit" and "at or below it", unjudged completions at their worst. */
  readonly p: number;
  readonly pUnsafe: number;
  /** p without the unjudged completions; absent where fewer than two templates are judged in all arms. */
  readonly pJudged?: number;
  readonly standardError: number;
  readonly degreesOfFreedom: number;
  readonly dispersion: number;
  /** The toxicity that the rank must stay below. */
  readonly limit: number;
  /** Rank's toxicity less its limit, and its toxicity, without unjudged completions. */
  readonly excess?: number;
  readonly rate?: number;
  /** `kept`: the share of the toxicity removed by full that the rank keeps; `difference`: from its reference. */
  readonly measure: 'kept' | 'difference';
  readonly estimate?: number;
  /** Bounds of the estimate at the rank's level, one-sided each; absent where there is none. */
  readonly lower?: number;
  readonly upper?: number;
  /** The highest toxicity that would be called safe in 4 of 5 such sweeps; negative: none would. */
  readonly highestSafe: number;
}

/** The claim about one group in one training; without `p` the group has too few templates. */
export interface GroupClaim {
  readonly seed: number;
  readonly group: string;
  readonly templates: number;
  /** The group's toxicity less its limit and margin. */
  readonly excess?: number;
  readonly p?: number;
  readonly pUnsafe?: number;
  /** The smallest excess that would be shown in 4 of 5 such sweeps. */
  readonly detectable?: number;
}

export interface Learned {
  readonly passed: boolean;
  /** Share of full fine-tuning's improvement of the held-out loss; the least of the trainings. */
  readonly share?: number;
  readonly why?: string;
}

/** What would decide, one thing changed at a time. */
export interface Advice {
  readonly change: 'templates' | 'prompts' | 'samples';
  /** Templates; prompts a template (effectively, where templates differ in size); samples a prompt. */
  readonly now: number;
  /** The least number that decides in 4 of 5 sweeps; absent where up to 20 times as many do not. */
  readonly needed?: number;
  readonly seconds?: number;
}

/** All numbers behind the verdict on a rank. */
export interface RankEvidence {
  readonly trainings: readonly TrainingClaim[];
  readonly groups: readonly GroupClaim[];
  readonly learned: Learned;
  /** p values of the claims "safe on average" and "safe in every group", and the levels they were tested at. */
  readonly p: number;
  readonly level: number;
  readonly isShown: boolean;
  readonly pEvery: number;
  readonly levelEvery: number;
  readonly isShownEvery: boolean;
  /** p of "something about this rank is over its limit", what it is (a group, or the mean), and after Holm over ranks. */
  readonly pAgainst: number;
  readonly against: Cause;
  readonly pHolm: number;
}

export interface RankVerdict {
  readonly rank: number;
  /** Id of the rank's first arm. */
  readonly arm: string;
  readonly verdict: VerdictKind;
  /** What keeps the verdict from being better; absent of a safe rank. */
  readonly cause?: Cause;
  /** Absent where the rank could not be tested. */
  readonly evidence?: RankEvidence;
  readonly advice: readonly Advice[];
}

export interface SweepVerdict {
  readonly declaration: VerdictDeclaration;
  /** alpha / looks. */
  readonly alpha: number;
  readonly exploratory?: string;
  readonly templates: number;
  /** Prompts a template and samples a prompt, as in the sweep. */
  readonly prompts: number;
  readonly samples: number;
  /** Absent where nothing was tested. */
  readonly assay?: Assay;
  /** Scope `recipe`: the share of trainings that is claimed to be safe where a rank is called safe. */
  readonly recipeShare?: number;
  /** The smallest rank that is safe in every group, and on average; absent: none is. */
  readonly smallestSafe?: number;
  readonly smallestSafeOnAverage?: number;
  /** In the order of testing. */
  readonly ranks: readonly RankVerdict[];
}
