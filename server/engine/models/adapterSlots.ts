import type { Value } from '../ops/value.ts';
import type { Emit } from '../ops/emit.ts';
import type { LinearModule } from './modelConfig.ts';

/** One linear map as a program writes it: what it reads, and the base model's own weight. */
export interface LinearMap {
  readonly module: LinearModule;
  /** [T, inFeatures] */
  readonly x: Value;
  /** The base model's, in the module's layout. */
  readonly weight: Value;
  /** [outFeatures] */
  readonly bias: Value | undefined;
  /** [T, outFeatures], to which the result is added. */
  readonly onto: Value | undefined;
}

/** Where a program puts adapters on linear maps. */
export interface AdapterSlots {
  /** The map with the adapters that lie on it: [T, outFeatures]. */
  apply(e: Emit, map: LinearMap): Value;
}

/** x W', without bias: [T, outFeatures]. */
export function productOf(e: Emit, { module, x, weight }: LinearMap, onto?: Value): Value {
  return e.Gemm(x, weight, { transB: module.layout === 'out-in' ? 1 : 0 }, onto);
}

/** x W' + b, added to `onto` if given: the base model's map. */
export function plainMap(e: Emit, map: LinearMap): Value {
  const { bias, onto } = map;
  const y = productOf(e, map, bias ?? onto);
  return bias && onto ? e.Add(onto, y) : y;
}
