/**
 * What a judge or an experiment needs of a sequence classifier, and nothing about how it runs. The engine process
 * implements it (server/worker/host/openedClassifier.ts); tests implement it with a few lines. Arms are named by id: `base` is
 * the classifier as it was opened, with its stored head or with a freshly drawn one.
 */
import type { Progress } from './modelPort.ts';
import type { ArmOutcome, ArmPlan, PlannedArm, TrainingCallbacks, TrainingOptions } from './trainerPort.ts';

export interface LabelledText {
  readonly text: string;
  /** Index into the classifier's `labels`. */
  readonly label: number;
}

/**
 * What a logit says: of one class among all (softmax), of a class by itself (sigmoid; several may hold), or a number as
 * it stands.
 */
export type ClassifierKind = 'single-label' | 'multi-label' | 'regression';

/** A head drawn anew, in place of a stored one or where a plain encoder has none. */
export interface FreshHead {
  /** One class each, in the order of the logits. */
  readonly labels: readonly string[];
  /** Draws the weights, N(0, 0.02); biases are 0. */
  readonly seed: number;
}

interface ClassifierPort {
  /** Names of the classes, in the order of the logits. */
  readonly labels: readonly string[];
  readonly kind: ClassifierKind;
  /** Whether `kind` is an assumption, since nothing in the model's files says it. */
  readonly kindIsAssumed?: boolean;
  /** Longest sequence, in tokens, the tokenizer's own among them; longer texts are cut at their end. */
  readonly maxLength: number;

  /**
   * Class logits of every text with every arm: `[arm]` is a float32 array [texts, classes], row by row in the order given.
   * Throws RankscopeError('run') for an arm that is not there, ('cancelled') when `signal` aborts.
   */
  classLogits(
    arms: readonly string[],
    texts: readonly string[],
    onProgress?: (progress: Progress) => void,
    signal?: AbortSignal,
  ): Promise<readonly Float32Array[]>;
}

/** Options of training that have a meaning for whole texts. */
export type ClassifierTrainingOptions = Omit<TrainingOptions, 'appendEos'>;

interface ClassifierTrainerPort {
  /** As TrainerPort's: a LoRA arm trains its adapters and the head, a full arm everything. */
  trainableParameters(arms: readonly PlannedArm[]): Promise<readonly number[]>;

  /**
   * Trains every arm on the texts by cross-entropy over the classes, each text weighing the same. LoRA goes on the
   * encoder (PEFT's default targets: query and value), the head is trained in full beside it. Resolves when all arms are
   * done, stopped or failed, one outcome an arm in the order given; `labelTokens` of a step are its texts.
   * Throws RankscopeError('config') where the classifier is not single-label, ('data') for a label that is no class.
   */
  train(
    arms: readonly ArmPlan[],
    examples: readonly LabelledText[],
    options: ClassifierTrainingOptions,
    callbacks: TrainingCallbacks,
  ): Promise<readonly ArmOutcome[]>;

  /**
   * Writes a trained arm into an existing folder: as PEFT reads it, with the head under `modules_to_save`, or for a full
   * arm model.safetensors, config.json (with id2label) and the tokenizer.
   */
  saveArm(arm: string, directory: string): Promise<void>;
}

/** A classifier, opened, with whatever arms have been trained on it or loaded into it. */
export interface OpenClassifier extends ClassifierPort, ClassifierTrainerPort {
  /** SHA-256 of the weights on disk, hex. */
  readonly hash: string;
  /** SHA-256 (hex) of the other files that it was read from, by their names. */
  readonly fileHashes: Readonly<Record<string, string>>;
  /** SHA-256 of the tokenizer's files, hex. */
  readonly tokenizerHash: string;
  /** Loads a PEFT adapter folder as an arm. Throws RankscopeError('model') when it does not fit. */
  loadAdapter(arm: string, directory: string): Promise<void>;
  /** Lets an arm go, with its memory; the base stays. */
  forgetArm(arm: string): void;
  dispose(): Promise<void>;
}
