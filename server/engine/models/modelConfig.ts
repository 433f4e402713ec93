import type { Classification } from './classification.ts';

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
  /**
   * How many positions, its own included, a token sees in layers that attend within a window (AttentionHeads): before
   * it, and as many after it where tokens see those.
   */
  readonly window?: number | undefined;
  /** Whether tokens see those after them, as in an encoder. */
  readonly bidirectional?: boolean;
  /** The classes of a sequence classifier. */
  readonly classification?: Classification;
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

/** A torch Linear. */
export function linearModule(name: string, inFeatures: number, outFeatures: number, bias: boolean): LinearModule {
  return { name, inFeatures, outFeatures, layout: 'out-in', bias };
}

/** The stored tensors of a linear map. */
export function linearParameters(module: LinearModule): readonly Parameter[] {
  const { name, inFeatures, outFeatures, layout, bias } = module;
  const shape = layout === 'out-in' ? [outFeatures, inFeatures] : [inFeatures, outFeatures];
  const weight = { name: `${name}.weight`, shape };
  return bias ? [weight, { name: `${name}.bias`, shape: [outFeatures] }] : [weight];
}
