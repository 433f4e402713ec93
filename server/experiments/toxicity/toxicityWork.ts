/** What the toxicity experiment works on. */
import type { ArmDescription } from '../../protocol/run.ts';
import type { Sweep } from '../../protocol/sweepFile.ts';
import type { Pair } from '../ports/modelPort.ts';
import type { PromptSplit } from '../data/promptSplit.ts';
import type { ArmPlan } from '../ports/trainerPort.ts';

/** All that is read from files, before anything is computed. */
export interface ToxicityData {
  readonly prompts: PromptSplit;
  /** Absent when a generator is to write them. */
  readonly givenPairs?: readonly Pair[];
  readonly lemmas?: ReadonlySet<string>;
}

export interface ToxicityWork {
  readonly sweep: Sweep;
  readonly plans: readonly ArmPlan[];
  /** The base, then one a plan. */
  readonly descriptions: readonly ArmDescription[];
  readonly data: ToxicityData;
}
