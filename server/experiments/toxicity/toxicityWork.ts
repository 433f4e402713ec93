/** What the toxicity experiment works on. */
import type { ArmDescription } from '../../protocol/run/run.ts';
import type { ToxicitySweep } from '../../protocol/sweep/toxicitySweep.ts';
import type { Pair } from '../ports/modelPort.ts';
import type { Framing } from '../data/framing.ts';
import type { PromptSplit } from '../data/promptSplit.ts';
import type { CutArm } from '../sweep/cutArms.ts';
import type { LengthPlan } from '../sweep/trainingLength.ts';
import type { PlannedArm } from '../ports/trainerPort.ts';

/** All that is read from files, before anything is computed. */
export interface ToxicityData {
  readonly prompts: PromptSplit;
  /** Absent when a generator is to write them. */
  readonly givenPairs?: readonly Pair[];
  readonly lemmas?: ReadonlySet<string>;
  /** Neutral texts of a file; absent where there is none. */
  readonly neutral?: readonly Pair[];
  /** How long the arms will train, where the pairs are known. */
  readonly length?: LengthPlan;
  /** Beside the held-out prompts, where the pairs are known: prompts of probes, and pairs that losses are measured on. */
  readonly measuredOn?: { readonly prompts: readonly string[]; readonly pairs: readonly Pair[] };
}

export interface ToxicityWork {
  readonly sweep: ToxicitySweep;
  readonly plans: readonly PlannedArm[];
  /** Arms that are cut from the trained ones. */
  readonly cuts?: readonly CutArm[];
  /** The base, then one a plan, then one a cut arm. */
  readonly descriptions: readonly ArmDescription[];
  readonly data: ToxicityData;
  /** How texts were put to the model as chats; undefined where they were not. */
  readonly framing?: Framing | undefined;
}
