import type { LinearModule } from '../models/modelConfig.ts';
import { productOf } from '../models/adapterSlots.ts';
import { internal } from '../../protocol/errors.ts';
import type { AdapterMethod, ModuleAdapter } from './adapterMethod.ts';
import { addProduct, forEachWeight } from './lora.ts';

const magnitude = (module: string): string => `${module}.lora_magnitude`;
const GAIN = 'gain';

/**
 * DoRA (arXiv 2402.09353, equation 5): W' = m (W + s B A) / ||W + s B A||, with one magnitude m and one norm for each
 * output. m begins as ||W||, so that an arm begins as the base model. The norm is a constant to the gradient (section
 * 4.3). The bias is added after the scaling, and with dropout the base model's own product reads what was not dropped, as
 * PEFT does it: W x + (g - 1) W x' + g s B A x', for g = m / ||W + s B A|| and x' the input after dropout.
 */
export const dora: AdapterMethod = {
  name: 'dora',
  furtherParameters: ({ name, outFeatures }) => [{ name: magnitude(name), shape: [outFeatures] }],
  start: (module, weight) => [norms(weight, module)],
  peftTensors: ['lora_magnitude_vector'],
  peftFields: ['use_dora'],
  columns: [GAIN],
  measure: (e, { module: { layout, outFeatures }, weight, a, b, scale, further: [m] }) => {
    if (!m) throw internal('An adapter of DoRA has a magnitude.');
    const scaled = e.Mul(b, scale);
    const sum =
      layout === 'out-in' ? e.Gemm(scaled, a, {}, weight) : e.Gemm(a, scaled, { transA: 1, transB: 1 }, weight);
    const squares = e.Reshape(e.ReduceSumSquare(sum, layout === 'out-in' ? 1 : 0), 1, outFeatures);
    return [e.Div(e.Reshape(m, 1, outFeatures), e.Detach(e.Sqrt(squares)))];
  },
  compute: (e, map, { lowRank, perRow, dropped }) => {
    const { bias, onto } = map;
    const gain = perRow(GAIN);
    const scaled = (x = map.x): typeof x => e.Mul(lowRank(productOf(e, { ...map, x })), gain);
    const y = dropped
      ? e.Add(e.Sub(productOf(e, map), productOf(e, { ...map, x: dropped })), scaled(dropped))
      : scaled();
    const whole = bias ? e.Add(y, bias) : y;
    return onto ? e.Add(onto, whole) : whole;
  },
  // Of each module the product that the gain multiplies, which the gradient of m reads; of one at a time W + s B A.
  stepBytes: (modules, tokens) => {
    const products = modules.reduce((sum, { outFeatures }) => sum + tokens * outFeatures, 0);
    return 4 * (products + Math.max(...modules.map(({ inFeatures, outFeatures }) => inFeatures * outFeatures)));
  },
  merge: (weight, adapter) => {
    addProduct(weight, adapter);
    const gain = gains(weight, adapter);
    forEachWeight(adapter.module, (place, out) => (weight[place] = (weight[place] ?? 0) * (gain[out] ?? NaN)));
  },
};

/** m / ||V|| of each output, for V = W + s B A in the module's layout. */
function gains(sum: Float32Array, { module, store }: ModuleAdapter): Float32Array {
  const norm = norms(sum, module);
  return store.tensor(magnitude(module.name), 'value').data.map((m, out) => m / (norm[out] ?? NaN));
}

/** The norm over its inputs of each output's weights. */
function norms(weight: Float32Array, module: LinearModule): Float32Array {
  const squares = new Float64Array(module.outFeatures);
  forEachWeight(module, (place, out) => (squares[out] = (squares[out] ?? 0) + (weight[place] ?? 0) ** 2));
  return Float32Array.from(squares, Math.sqrt);
}
