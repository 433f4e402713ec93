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

/** What a program computes an adapted map from, the adapters of one arm or of several side by side. */
interface AdapterTerms {
  /** The adapters' own contribution, added to `onto` if given: scale B A x, [T, outFeatures]. */
  readonly lowRank: (onto?: Value) => Value;
  /** A value of the arm that each row belongs to, by the name of one of the method's `columns`: [T, outFeatures]. */
  readonly perRow: (column: string) => Value;
}

/**
 * One way of adapting a linear map with matrices A and B of low rank. It owns what an arm keeps of a module, how a
 * program computes with it, how PEFT names it, and what the merged weight is.
 */
export interface AdapterMethod {
  readonly name: string;
  /** What an arm keeps of a module beside A and B. */
  readonly furtherParameters: (module: LinearModule) => readonly Parameter[];
  /** PEFT's tensor names of those, in their order, after the module's path. */
  readonly peftTensors: readonly string[];
  /** PEFT's fields that name the method. */
  readonly peftFields: Readonly<Record<string, unknown>>;
  /** Names of what a batch brings for each of its arms, a row [outFeatures] an arm; none where A and B are all. */
  readonly columns: readonly string[];
  /** The values of `columns` for one module, computed from the base model's weight in the module's layout. */
  readonly measure: (adapter: ModuleAdapter, weight: Float32Array) => readonly Float32Array[];
  /** The adapted map. */
  readonly compute: (e: Emit, map: LinearMap, terms: AdapterTerms) => Value;
  /** Works an adapter into the base model's weight, in the module's layout. */
  readonly merge: (weight: Float32Array, adapter: ModuleAdapter) => void;
}
