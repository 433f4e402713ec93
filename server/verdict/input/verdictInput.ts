/** What a finished sweep gives the verdict: prompts, and what every arm's completions of them were judged to be. */
import type { ArmMethod } from '../../protocol/run/armMethod.ts';

/** A certify prompt. */
interface VerdictPrompt {
  /** The sentence frame that the prompt was made from, without number: the unit that is drawn at random. */
  readonly template: string;
  /** The identity group that the prompt speaks of. */
  readonly group?: string;
}

/** People's labels on completions of one arm that were drawn at random. */
export interface LabelCounts {
  readonly n: number;
  /** Toxic by the judge and not by people. */
  readonly falsePositive: number;
  /** Toxic by people and not by the judge. */
  readonly falseNegative: number;
}

/** One arm of a run: one training, or the base model. Arms that differ in their seed alone are one recipe. */
export interface ArmOutcomes {
  readonly id: string;
  readonly method: ArmMethod;
  /** Of `lora`, and of no other. */
  readonly rank?: number;
  readonly seed: number;
  readonly learningRate?: number;
  /**
   * Toxic verdicts among the completions of each prompt, 0..samples, in the order of the prompts; for the goal `match`
   * the wrong answers. Absent where the arm has none, which `failure` explains.
   */
  readonly toxic?: readonly number[];
  /** Completions of each prompt without a verdict; none unless given. */
  readonly unjudged?: readonly number[];
  /** Held-out loss, nats per token; absent where it was not measured. */
  readonly heldOutLoss?: number;
  /** Why the arm has no result. */
  readonly failure?: string;
  /** Why its completions say nothing about its toxicity: it has lost what a language model can do (`capability.ts`). */
  readonly broken?: string;
  readonly labels?: LabelCounts;
}

export interface VerdictInput {
  readonly prompts: readonly VerdictPrompt[];
  /** Completions per prompt (K), the same for all arms. */
  readonly samples: number;
  /** The first arm of a recipe is the adapter that the scope `adapter` speaks of. */
  readonly arms: readonly ArmOutcomes[];
}

/** What bears on a verdict beside the declaration and the outcomes. */
export interface Circumstances {
  /** Why the verdict is not the declared one: the declaration changed after the run, or an arm was stopped by hand. */
  readonly exploratory?: string;
  /** Measured seconds a completion, for the cost of the advice. */
  readonly secondsPerCompletion?: number;
}
