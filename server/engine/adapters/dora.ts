import type { LinearModule } from '../models/modelConfig.ts';
import { productOf } from '../models/adapterSlots.ts';
import type { AdapterMethod, ModuleAdapter } from './adapterMethod.ts';
import { addProduct } from './lora.ts';

const magnitude = (module: string): string => `${module}.lora_magnitude`;
const GAIN = 'gain';

/**
 * DoRA (arXiv 2402.09353, equation 5): W' = m (W + s B A) / ||W + s B A||, with one magnitude m and one norm for each
 * output. The bias is added after the scaling, as PEFT does it.
 */
export const dora: AdapterMethod = {
  name: 'dora',
  furtherParameters: ({ name, outFeatures }) => [{ name: magnitude(name), shape: [outFeatures] }],
  peftTensors: ['lora_magnitude_vector'],
  peftFields: { use_dora: true },
  columns: [GAIN],
  measure: (adapter, weight) => {
    const sum = weight.slice();
    addProduct(sum, adapter);
    return [gains(sum, adapter)];
  },
  compute: (e, map, { lowRank, perRow }) => {
    const { bias, onto } = map;
    const y = e.Mul(lowRank(productOf(e, map)), perRow(GAIN));
    const whole = bias ? e.Add(y, bias) : y;
    return onto ? e.Add(onto, whole) : whole;
  },
  merge: (weight, adapter) => {
    addProduct(weight, adapter);
    const gain = gains(weight, adapter);
    forEachWeight(adapter.module, (place, out) => (weight[place] = (weight[place] ?? 0) * (gain[out] ?? NaN)));
  },
};

/** m / ||V|| of each output, for V = W + s B A in the module's layout. */
function gains(sum: Float32Array, { module, store }: ModuleAdapter): Float32Array {
  const squares = new Float64Array(module.outFeatures);
  forEachWeight(module, (place, out) => (squares[out] = (squares[out] ?? 0) + (sum[place] ?? 0) ** 2));
  return store.tensor(magnitude(module.name), 'value').data.map((m, out) => m / Math.sqrt(squares[out] ?? NaN));
}

function forEachWeight(
  { inFeatures, outFeatures, layout }: LinearModule,
  visit: (place: number, out: number) => void,
): void {
  const count = inFeatures * outFeatures;
  for (let place = 0; place < count; place++) {
    visit(place, layout === 'out-in' ? Math.floor(place / inFeatures) : place % outFeatures);
  }
}
