import type { Value } from '../ops/value.ts';
import type { ConfigReader } from './configReader.ts';
import type { LinearModule, ModelConfig, Parameter } from './modelConfig.ts';
import type { ModelContext } from './modelContext.ts';

/** The head of a sequence classifier, by the paths of its modules. */
interface ClassifierModules {
  /** Drawn anew for other classes, and trained in full beside adapters (PEFT's `modules_to_save`). */
  readonly modules: readonly string[];
  /** Between encoder and head: kept where a checkpoint has it, drawn and trained with the head where it has not. */
  readonly pooling: readonly string[];
}

/**
 * One model family: how its configuration is read, which parameters it has, and how it computes. A family is this
 * definition and one entry in families.ts; the core knows no family.
 */
export interface Family<C extends ModelConfig = ModelConfig> {
  /** Values of `model_type` in config.json. */
  readonly modelTypes: readonly string[];
  /** What its head computes: the next token, or the class of a whole sequence. */
  readonly task: 'causal-lm' | 'sequence-classification';
  readonly readConfig: (json: ConfigReader) => C;
  /** Linear maps inside the layers, which PEFT calls by the last part of their path. */
  readonly linearModules: (config: C) => readonly LinearModule[];
  /** Everything else: embeddings, norms, an untied head. */
  readonly otherParameters: (config: C) => readonly Parameter[];
  /** PEFT's default target modules. */
  readonly defaultTargets: readonly string[];
  /** Tensors of heads for other tasks, which a checkpoint may hold beside what the family computes with. */
  readonly otherHeads?: readonly RegExp[];
  /** Sequence classifiers only. */
  readonly classifier?: ClassifierModules;
  /** From tokens and positions to the residual stream after the last layer, [T, hiddenSize]. */
  readonly body: (m: ModelContext, config: C) => Value;
  /**
   * From rows of a residual stream through the final norm and the head to logits: [rows, vocabularySize], or from the
   * first rows of sequences [sequences, classes].
   */
  readonly head: (m: ModelContext, config: C, hidden: Value) => Value;
}
