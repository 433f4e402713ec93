/**
 * What an experiment needs of training, and nothing about how it is done. The engine process implements it over
 * onnxruntime; tests implement it with a few lines. While training goes on, and after it, the arms stand under their
 * ids in the same engine's ModelPort.
 */
import type { AdapterMethodName, AdapterScaling } from '../../protocol/sweep/adapterMethod.ts';
import type { ErrorDetails } from '../../protocol/errors.ts';
import type { Immutable } from '../../protocol/immutable.ts';
import type { StepEvent } from '../../protocol/run/run.ts';
import type { AnySweep } from '../../protocol/sweep/experiments.ts';
import type { Pair } from './modelPort.ts';

/** One arm to train; `base` is never trained. */
export type ArmPlan = PlannedArm & {
  /** Peak learning rate, before the schedule. */
  readonly learningRate: number;
};

/** An arm whose learning rate may still have to be chosen. */
export type PlannedArm = {
  /** `r8`, `full`, `r8-s1-lr5e-5`. */
  readonly id: string;
  /** Draws the initial adapters and the dropout. */
  readonly seed: number;
  /** Orders the pairs; arms of one seed see the same batches. */
  readonly orderSeed: number;
  readonly learningRate?: number;
} & (
  | {
      readonly method: 'lora';
      readonly rank: number;
      readonly alpha: number;
      /** How the adapters are computed and what they have beside A and B; LoRA unless given. */
      readonly adapter?: AdapterMethodName;
      readonly scaling: AdapterScaling;
      readonly dropout: number;
      readonly targets: 'default' | 'all-linear' | readonly string[];
      /** PEFT adapter folder to start from instead of a drawn A and B = 0. */
      readonly init?: string;
    }
  | { readonly method: 'full' }
);

/** The training block of a sweep, but for what an experiment settles before it hands the options on. */
type SweepTraining = Immutable<
  Omit<
    AnySweep['training'],
    | 'epochs'
    | 'steps'
    | 'warmupSteps'
    | 'warmupRatio'
    | 'gradientAccumulation'
    | 'gradientCheckpointing'
    | 'betas'
    | 'patience'
    | 'seed'
  >
>;

export interface TrainingOptions extends SweepTraining {
  /** Passes over the pairs (the last step may be smaller), or optimiser steps (the pairs repeat as needed). */
  readonly length: { readonly epochs: number } | { readonly steps: number };
  /** Batches per optimiser step; the gradient is normalised by the label tokens of all of them. */
  readonly gradientAccumulation: number;
  /** Whether each layer is computed again in the backward pass instead of being kept: less memory, more time. */
  readonly gradientCheckpointing?: boolean;
  /** Steps over which the rate rises from 0, or their share of all steps. */
  readonly warmup: { readonly steps: number } | { readonly ratio: number };
  readonly betas: readonly [number, number];
  /** Folder written by `Boundary.save`: training goes on after the step it was saved at, bit for bit. */
  readonly resumeFrom?: string;
}

/** One optimiser step of one arm: the `step` event, before it has its time. */
export type StepReport = Omit<StepEvent, 'time' | 'type'>;

/** The moment between two steps: every arm named has done `step` steps and the ModelPort sees its weights. */
export interface Boundary {
  readonly step: number;
  readonly of: number;
  /** Arms in training now. Arms that are trained one group after another reach each step once per group. */
  readonly arms: readonly string[];
  /**
   * Writes all that is needed to go on from here into an existing, empty folder; files are opaque to the caller. `stopped`
   * are arms that are trained no further from here, so that they are not after a resume either.
   */
  save(directory: string, stopped?: readonly string[]): Promise<void>;
  /** Takes an arm out of training whose numbers were found not to be finite: its outcome is this failure. */
  fail(arm: string, reason: ErrorDetails): void;
}

export interface TrainingCallbacks {
  onStep(report: StepReport): void;
  /**
   * The arm diverged or failed: in a step, its weights being those before it, or with weights that are not finite after its
   * last. Not called for what `Boundary.fail` says. The others go on.
   */
  onArmFailed(arm: string, reason: ErrorDetails): void;
  /**
   * Awaited after every step, the last included, and once before the first (step 0, or the step resumed at). The
   * trainer waits while it is pending, a paused run, and trains the arms it returns no further. It is where the process
   * hears of cancellations, so an implementation must not skip it.
   */
  onBoundary(boundary: Boundary): Promise<{ readonly stop: readonly string[] }>;
  /** Aborted: `train` rejects with RankscopeError('cancelled') at the next step. */
  readonly signal?: AbortSignal;
}

/** What became of one arm. */
export interface ArmOutcome {
  readonly arm: string;
  /** Optimiser steps done. */
  readonly steps: number;
  /** Loss of the last step; absent when no step was done. */
  readonly finalLoss?: number;
  /** Packed tokens per second of training, probes and checkpoints not counted. */
  readonly trainTokensPerSecond?: number;
  readonly peakMemoryBytes?: number;
  readonly failure?: ErrorDetails;
  /** Whether `onBoundary` stopped it, also before a resume. */
  readonly stopped?: boolean;
  /** The step whose weights the arm has, where its held-out loss was least before the last. */
  readonly bestStep?: number;
  /** Whether its training ended since its held-out loss had not fallen for long. */
  readonly endedEarly?: boolean;
}

export interface TrainerPort {
  /** Parameters that each arm would train, same order. Throws RankscopeError('config'), e.g. a rank above the matrix's. */
  trainableParameters(arms: readonly PlannedArm[]): Promise<readonly number[]>;

  /**
   * Trains every arm on `pairs` (loss on the completion's tokens only). Resolves when all arms are done, stopped or
   * failed, one outcome an arm in the order given. An arm trained before goes on from its weights, with moments and
   * schedule that begin anew. Where arms have pairs of their own, one without any is left as it is.
   */
  train(
    arms: readonly ArmPlan[],
    pairs: readonly Pair[] | ReadonlyMap<string, readonly Pair[]>,
    options: TrainingOptions,
    callbacks: TrainingCallbacks,
  ): Promise<readonly ArmOutcome[]>;

  /**
   * Writes one trained arm into an existing folder: adapter_config.json and adapter_model.safetensors as PEFT reads
   * them, or model.safetensors, with config.json and the tokenizer's files, for a full arm.
   */
  saveArm(arm: string, directory: string): Promise<void>;

  /** Lets the weights of a trained arm go, which is then no arm any more; where it is absent they stay. */
  forgetArm?(arm: string): void;
}

export interface ArmCutter {
  /**
   * Writes the best approximation of rank `rank` of a trained LoRA arm into an existing folder, as `saveArm` would. Throws
   * RankscopeError('usage') where the rank is not below the arm's, ('model') for an adapter that is not plain LoRA.
   */
  cutArm(arm: string, rank: number, directory: string): Promise<void>;
}

/** Reads what `TrainerPort.saveArm` writes. */
export interface ArmLoader {
  /**
   * Loads a PEFT adapter folder as an arm, or a folder with a whole fine-tuned model of the base's shape, in place of what
   * stands under this id. Throws RankscopeError('model') when it does not fit the model.
   */
  loadAdapter(arm: string, directory: string): Promise<void>;
}
