import type { Value } from '../ops/value.ts';
import type { Emit } from '../ops/emit.ts';
import type { LinearModule, Parameter } from '../models/modelConfig.ts';
import type { ParameterStore } from '../optimiser/parameterStore.ts';
import type { LinearMap } from '../models/adapterSlots.ts';

/** Names of a module's adapter matrices, as programs and optimisers know them. */
export const adapterNames = (module: string): { readonly a: string; readonly b: string } => ({
  a: `${module}.lora_A`,
  b: `${module}.lora_B`,
});

/** One adapter on one module, read out of its arm. */
export interface ModuleAdapter {
  readonly module: LinearModule;
  readonly rank: number;
  /** Factor of B A. */
  readonly scale: number;
  readonly store: ParameterStore;
}

/** Reads a parameter of the base model into memory of its size, as float32. */
export interface WeightReader {
  readInto(name: string, out: Float32Array): Promise<void>;
}

/** One adapter on one module as a program has it, with the base model's weight. */
export interface AdapterValues {
  readonly module: LinearModule;
  /** The base model's, in the module's layout. */
  readonly weight: Value;
  /** [rank, inFeatures] */
  readonly a: Value;
  /** [outFeatures, rank] */
  readonly b: Value;
  /** Factor of B A, a scalar. */
  readonly scale: Value;
  /** The method's further parameters, in their order. */
  readonly further: readonly Value[];
}

/** What a program computes an adapted map from: the adapter of one arm that is trained, or of several side by side. */
interface AdapterTerms {
  /** The adapters' own contribution, added to `onto` if given: scale B A x, [T, outFeatures]. */
  readonly lowRank: (onto?: Value) => Value;
  /**
   * A value of the arm that each row belongs to, by the name of one of the method's `columns`: [T, outFeatures], or
   * [1, outFeatures] where all rows belong to one arm.
   */
  readonly perRow: (column: string) => Value;
  /** The input after dropout, [T, inFeatures], which `lowRank` reads; only where an arm is trained with dropout. */
  readonly dropped?: Value | undefined;
}

/**
 * One way of adapting a linear map with matrices A and B of low rank. It owns what an arm keeps of a module, how that
 * begins, how a program computes with it (one arm in training, or several in a batch), how PEFT names it, what it takes
 * of memory, and what the merged weight is.
 */
export interface AdapterMethod {
  readonly name: string;
  /** What an arm keeps of a module beside A and B. */
  readonly furtherParameters: (module: LinearModule) => readonly Parameter[];
  /** The values with which those begin, in their order, from the base model's weight in the module's layout. */
  readonly start: (module: LinearModule, weight: Float32Array) => readonly Float32Array[];
  /** PEFT's tensor names of those, in their order, after the module's path. */
  readonly peftTensors: readonly string[];
  /** PEFT's fields that are true for this method, and false for the others. */
  readonly peftFields: readonly string[];
  /** Names of what `compute` reads of an arm beside `lowRank`; none where A and B are all. */
  readonly columns: readonly string[];
  /** The values of `columns` for one adapter, [1, outFeatures] each. Gradients flow through them to what is trained. */
  readonly measure: (e: Emit, adapter: AdapterValues) => readonly Value[];
  /** The adapted map, the same in training and in a batch of several arms. */
  readonly compute: (e: Emit, map: LinearMap, terms: AdapterTerms) => Value;
  /** Bytes that a training step of so many tokens takes for the adapted modules beyond what LoRA takes. */
  readonly stepBytes: (modules: readonly LinearModule[], tokens: number) => number;
  /** Works an adapter into the base model's weight, in the module's layout. */
  readonly merge: (weight: Float32Array, adapter: ModuleAdapter) => void;
}
