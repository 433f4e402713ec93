import type { Value } from '../../ops/value.ts';
import type { Parameter } from '../modelConfig.ts';
import type { ModelContext } from '../modelContext.ts';

/** Weight and bias of a linear map of a classifier's head, on which no adapters go. */
export function denseParameters(name: string, inFeatures: number, outFeatures: number): readonly Parameter[] {
  return [
    { name: `${name}.weight`, shape: [outFeatures, inFeatures] },
    { name: `${name}.bias`, shape: [outFeatures] },
  ];
}

/** x W' + b of such a map. */
export function dense(m: ModelContext, name: string, x: Value): Value {
  return m.e.Gemm(x, m.parameter(`${name}.weight`), { transB: 1 }, m.parameter(`${name}.bias`));
}
