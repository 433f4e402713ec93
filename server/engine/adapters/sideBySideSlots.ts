import { internal } from '../../protocol/errors.ts';
import type { Graph } from '../ops/graph.ts';
import type { Value } from '../ops/value.ts';
import { Emit } from '../ops/emit.ts';
import type { LinearModule } from '../models/modelConfig.ts';
import { adapterNames, type AdapterMethod } from './adapterMethod.ts';
import { plainMap, type AdapterSlots, type LinearMap } from '../models/adapterSlots.ts';
import { lora } from './lora.ts';
import { rowsLike } from './rowsLike.ts';

/** Program parameter with a row for each arm of a batch: one of a method's columns for one module. */
export const columnName = (module: string, column: string): string => `${module}.lora_${column}`;

/** int64 [T]: the arm of the group that each row belongs to. */
export const ARM_ROWS = 'lora_arm';

/**
 * The adapters of several arms at once, laid side by side along the rank: A [R, inFeatures] and B transposed
 * [R, outFeatures], R the sum of the ranks. `lora_mask` [T, R] holds, in each row, the scale of its own arm in that
 * arm's columns and 0 in all others, so that every row of a batch is computed with its own arm's adapter and a row of
 * zeros with the base model. Where the mask is 0 the product with A is put away before it is scaled: were it scaled by 0
 * instead, one arm that overflows would make NaN of every row. B must be finite (generate/armWeights.ts sees to that).
 * Where the method needs more than A and B, `lora_arm` [T] picks each row's own.
 */
export class SideBySideSlots implements AdapterSlots {
  private readonly graph: Graph;
  private readonly targets: ReadonlySet<string>;
  private readonly method: AdapterMethod;
  private readonly mask: Value;
  /** Only where the method has columns. */
  private readonly arms: Value | undefined;
  private readonly declared = new Map<string, Value>();

  constructor(graph: Graph, targets: readonly LinearModule[], method: AdapterMethod = lora) {
    this.graph = graph;
    this.targets = new Set(targets.map((m) => m.name));
    this.method = method;
    this.mask = graph.input('lora_mask', 'float32', ['T', 'R']);
    this.arms = method.columns.length > 0 ? graph.input(ARM_ROWS, 'int64', ['T']) : undefined;
  }

  apply(plain: Emit, map: LinearMap): Value {
    const { module, x } = map;
    if (!this.targets.has(module.name)) return plainMap(plain, map);
    const e = new Emit(this.graph, `${module.name}/lora/`);
    const names = adapterNames(module.name);
    const a = this.parameter(names.a, ['R', module.inFeatures]);
    const b = this.parameter(names.b, ['R', module.outFeatures]);
    return this.method.compute(plain, map, {
      lowRank: (onto) => e.Gemm(this.scaled(e, x, e.Gemm(x, a, { transB: 1 })), b, {}, onto),
      perRow: (column) => {
        if (!this.arms) throw internal(`The adapter method has no column "${column}".`);
        const values = this.parameter(columnName(module.name, column), ['arms', module.outFeatures]);
        return e.Gather(values, rowsLike(x, this.arms, e));
      },
    });
  }

  /** A x [T, R] times the mask: of each row the columns of its own arm, whose scale may be negative, and 0 elsewhere. */
  private scaled(e: Emit, x: Value, product: Value): Value {
    const mask = rowsLike(x, this.mask, e);
    const zero = e.scalar(0);
    const own = e.Where(e.Greater(mask, zero), product, e.Where(e.Greater(zero, mask), product, zero));
    return e.Mul(own, mask);
  }

  /** Declared once for a map that several layers share. */
  private parameter(name: string, shape: readonly [string, number]): Value {
    const value = this.declared.get(name) ?? this.graph.parameter(name, shape);
    this.declared.set(name, value);
    return value;
  }
}
