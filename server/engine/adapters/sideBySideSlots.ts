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
 * zeros with the base model.
 */
export class SideBySideSlots implements AdapterSlots {
  private readonly graph: Graph;
  private readonly targets: ReadonlySet<string>;
  private readonly mask: Value;
  private readonly declared = new Map<string, readonly [Value, Value]>();

  constructor(graph: Graph, targets: readonly LinearModule[]) {
    this.graph = graph;
    this.targets = new Set(targets.map((m) => m.name));
    this.mask = graph.input('lora_mask', 'float32', ['T', 'R']);
  }

  apply(module: LinearModule, x: Value, y: Value): Value {
    if (!this.targets.has(module.name)) return y;
    const e = new Emit(this.graph, `${module.name}/lora/`);
    const [a, b] = this.declared.get(module.name) ?? this.declare(module);
    return e.Gemm(e.Mul(e.Gemm(x, a, { transB: 1 }), rowsLike(x, this.mask, e)), b, {}, y);
  }

  /** Once for a map that several layers share. */
  private declare({ name, inFeatures, outFeatures }: LinearModule): readonly [Value, Value] {
    const names = adapterNames(name);
    const [a, b] = [
      this.graph.parameter(names.a, ['R', inFeatures]),
      this.graph.parameter(names.b, ['R', outFeatures]),
    ];
    this.declared.set(name, [a, b]);
    return [a, b];
  }
}
