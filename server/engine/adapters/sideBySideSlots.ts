import type { Graph } from '../ops/graph.ts';
import type { Value } from '../ops/value.ts';
import { Emit } from '../ops/emit.ts';
import type { LinearModule } from '../models/modelConfig.ts';
import type { AdapterSlots } from '../models/adapterSlots.ts';
import { rowsLike } from './rowsLike.ts';
import { adapterNames } from './trainableSlots.ts';

/**
 * The adapters of several arms at once, laid side by side along the rank: A [R, inFeatures] and B transposed
 * [R, outFeatures], R the sum of the ranks. `lora_mask` [T, R] holds, in each row, the scale of its own arm in that
 * arm's columns and 0 in all others, so that every row of a batch is computed with its own arm's adapter and a row of
 * zeros with the base model. Where the mask is 0 the product with A is put away before it is scaled: were it scaled by 0
 * instead, one arm that overflows would make NaN of every row. B must be finite (generate/armWeights.ts sees to that).
 */
export class SideBySideSlots implements AdapterSlots {
  private readonly graph: Graph;
  private readonly targets: ReadonlySet<string>;
  private readonly mask: Value;

  constructor(graph: Graph, targets: readonly LinearModule[]) {
    this.graph = graph;
    this.targets = new Set(targets.map((m) => m.name));
    this.mask = graph.input('lora_mask', 'float32', ['T', 'R']);
  }

  apply(module: LinearModule, x: Value, y: Value): Value {
    if (!this.targets.has(module.name)) return y;
    const e = new Emit(this.graph, `${module.name}/lora/`);
    const names = adapterNames(module.name);
    const a = this.graph.parameter(names.a, ['R', module.inFeatures]);
    const b = this.graph.parameter(names.b, ['R', module.outFeatures]);
    const mask = rowsLike(x, this.mask, e);
    const zero = e.scalar(0);
    const own = e.Where(e.Greater(mask, zero), e.Gemm(x, a, { transB: 1 }), zero);
    return e.Gemm(e.Mul(own, mask), b, {}, y);
  }
}
