import type { Value } from '../ops/value.ts';
import type { LinearModule } from './modelConfig.ts';

/** Where a program puts adapters beside a linear map. */
export interface AdapterSlots {
  /** y + the adapters' contribution for the same x: [T, inFeatures] and [T, outFeatures] -> [T, outFeatures]. */
  apply(module: LinearModule, x: Value, y: Value): Value;
}
