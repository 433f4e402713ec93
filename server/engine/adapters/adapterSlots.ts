import type { Value } from '../onnx/value.ts';
import type { LinearModule } from '../models/modelConfig.ts';

/** Where a program puts adapters beside a linear map. */
export interface AdapterSlots {
  /** y + the adapters' contribution for the same x: [T, inFeatures] and [T, outFeatures] -> [T, outFeatures]. */
  apply(module: LinearModule, x: Value, y: Value): Value;
}
