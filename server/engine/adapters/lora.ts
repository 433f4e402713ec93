import type { LinearModule } from '../models/modelConfig.ts';
import { plainMap } from '../models/adapterSlots.ts';
import { adapterNames, type AdapterMethod, type ModuleAdapter } from './adapterMethod.ts';

/** LoRA (arXiv 2106.09685, section 4.1): W' = W + s B A. */
export const lora: AdapterMethod = {
  name: 'lora',
  furtherParameters: () => [],
  start: () => [],
  peftTensors: [],
  peftFields: [],
  columns: [],
  measure: () => [],
  compute: (e, map, { lowRank }) => lowRank(plainMap(e, map)),
  stepBytes: () => 0,
  merge: addProduct,
};

/** W += s B A, in W's layout: [out, in], or [in, out] where the module is a Conv1D. */
export function addProduct(weight: Float32Array, { module, rank, scale, store }: ModuleAdapter): void {
  const { inFeatures, outFeatures, layout, name } = module;
  const names = adapterNames(name);
  const a = store.tensor(names.a, 'value').data;
  const b = store.tensor(names.b, 'value').data;
  const row = new Float32Array(inFeatures);
  for (let out = 0; out < outFeatures; out++) {
    row.fill(0);
    for (let r = 0; r < rank; r++) {
      const factor = b[out * rank + r] ?? 0;
      const at = r * inFeatures;
      for (let i = 0; i < inFeatures; i++) row[i] = (row[i] ?? 0) + factor * (a[at + i] ?? 0);
    }
    const [start, step] = layout === 'out-in' ? [out * inFeatures, 1] : [out, outFeatures];
    for (let i = 0; i < inFeatures; i++) {
      const place = start + i * step;
      weight[place] = (weight[place] ?? 0) + scale * (row[i] ?? 0);
    }
  }
}

/** Every place of a module's weight in memory, in order, with the output that it belongs to. */
export function forEachWeight(
  { inFeatures, outFeatures, layout }: LinearModule,
  visit: (place: number, out: number) => void,
): void {
  const count = inFeatures * outFeatures;
  for (let place = 0; place < count; place++) {
    visit(place, layout === 'out-in' ? Math.floor(place / inFeatures) : place % outFeatures);
  }
}
