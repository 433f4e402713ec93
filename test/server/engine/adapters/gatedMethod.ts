/**
 * An adapter method that no version has, for a scratch copy of the program: W' = W + s diag(g) B A, with a gate g of each
 * output that is trained and begins as 1.
 */
import type { AdapterMethod, ModuleAdapter } from '../../../../server/engine/adapters/adapterMethod.ts';
import { addProduct, forEachWeight } from '../../../../server/engine/adapters/lora.ts';
import { plainMap } from '../../../../server/engine/models/adapterSlots.ts';
import { internal } from '../../../../server/protocol/errors.ts';

const gateName = (module: string): string => `${module}.lora_gate`;
const GATE = 'gate';

export const gated: AdapterMethod = {
  name: 'gated',
  furtherParameters: ({ name, outFeatures }) => [{ name: gateName(name), shape: [outFeatures] }],
  start: ({ outFeatures }) => [new Float32Array(outFeatures).fill(1)],
  peftTensors: ['lora_gate'],
  peftFields: ['use_gate'],
  columns: [GATE],
  measure: (e, { module: { outFeatures }, further: [gate] }) => {
    if (!gate) throw internal('A gated adapter has a gate.');
    return [e.Reshape(gate, 1, outFeatures)];
  },
  compute: (e, map, { lowRank, perRow }) => e.Add(plainMap(e, map), e.Mul(lowRank(), perRow(GATE))),
  stepBytes: (modules, tokens) => modules.reduce((sum, { outFeatures }) => sum + 4 * tokens * outFeatures, 0),
  merge: (weight, adapter: ModuleAdapter) => {
    const gate = adapter.store.tensor(gateName(adapter.module.name), 'value').data;
    const change = new Float32Array(weight.length);
    addProduct(change, adapter);
    forEachWeight(adapter.module, (place, out) => {
      weight[place] = (weight[place] ?? NaN) + (gate[out] ?? NaN) * (change[place] ?? NaN);
    });
  },
};
