/** What the toxicity experiment works on. */
import type { ArmDescription } from '../../protocol/run.ts';
import type { ToxicitySweep } from '../../protocol/toxicitySweep.ts';
import type { Pair } from '../ports/modelPort.ts';
import type { PromptSplit } from '../data/promptSplit.ts';
import type { LengthPlan } from '../sweep/trainingLength.ts';
import type { PlannedArm } from '../ports/trainerPort.ts';

/** All that is read from files, before anything is computed. */
export interface ToxicityData {
  readonly prompts: PromptSplit;
  /** Absent when a generator is to write them. */
  readonly givenPairs?: readonly Pair[];
  readonly lemmas?: ReadonlySet<string>;
  /** How long the arms will train, where the pairs are known. */
  readonly length?: LengthPlan;
}

export interface ToxicityWork {
  readonly sweep: ToxicitySweep;
  readonly plans: readonly PlannedArm[];
  /** The base, then one a plan. */
  readonly descriptions: readonly ArmDescription[];
  readonly data: ToxicityData;
}
