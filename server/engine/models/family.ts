import type { Value } from '../onnx/value.ts';
import type { ConfigReader } from './configReader.ts';
import type { ModelContext } from './modelContext.ts';

/** What every family's configuration has; a family adds its own. */
export interface ModelConfig {
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  /** Key and value heads; fewer than `heads` under grouped-query attention. */
  readonly keyValueHeads: number;
  readonly headSize: number;
  /** Longest sequence. */
  readonly maxPositions: number;
}

/** A linear map of the model; the ones that adapters can be put on. */
export interface LinearModule {
  /** Hugging Face module path, e.g. `model.layers.0.self_attn.q_proj`. */
  readonly name: string;
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** `out-in`: torch's Linear; `in-out`: GPT-2's Conv1D. */
  readonly layout: 'out-in' | 'in-out';
  readonly bias: boolean;
}

export interface Parameter {
  /** Hugging Face tensor name. */
  readonly name: string;
  readonly shape: readonly number[];
  /** A table computed from the configuration (rotary angles), neither stored nor trained. */
  readonly compute?: () => Float32Array;
}

/**
 * One model family: how its configuration is read, which parameters it has, and how it computes. A family is this
 * definition and one entry in families.ts; the core knows no family.
 */
export interface Family<C extends ModelConfig = ModelConfig> {
  /** Values of `model_type` in config.json. */
  readonly modelTypes: readonly string[];
  readonly readConfig: (json: ConfigReader) => C;
  /** Linear maps inside the layers, which PEFT calls by the last part of their path. */
  readonly linearModules: (config: C) => readonly LinearModule[];
  /** Everything else: embeddings, norms, an untied head. */
  readonly otherParameters: (config: C) => readonly Parameter[];
  /** PEFT's default target modules. */
  readonly defaultTargets: readonly string[];
  /** From tokens and positions to the residual stream after the last layer, [T, hiddenSize]. */
  readonly body: (m: ModelContext, config: C) => Value;
  /** From rows of a residual stream through the final norm and the head to logits, [rows, vocabularySize]. */
  readonly head: (m: ModelContext, config: C, hidden: Value) => Value;
}

export function linearParameters(module: LinearModule): readonly Parameter[] {
  const { name, inFeatures, outFeatures, layout, bias } = module;
  const shape = layout === 'out-in' ? [outFeatures, inFeatures] : [inFeatures, outFeatures];
  const weight = { name: `${name}.weight`, shape };
  return bias ? [weight, { name: `${name}.bias`, shape: [outFeatures] }] : [weight];
}
