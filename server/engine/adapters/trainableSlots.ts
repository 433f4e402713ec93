import { internal, RankscopeError } from '../../protocol/errors.ts';
import type { Graph } from '../ops/graph.ts';
import type { Value } from '../ops/value.ts';
import { Emit } from '../ops/emit.ts';
import type { LinearModule } from '../models/modelConfig.ts';
import { adapterNames, type AdapterMethod, type AdapterValues } from './adapterMethod.ts';
import { plainMap, type AdapterSlots, type LinearMap } from '../models/adapterSlots.ts';
import { rowsLike } from './rowsLike.ts';

export const dropoutInput = (module: string): string => `${module}.dropout`;

/** An adapter's parameters as a program declares them. */
export type DeclaredAdapter = Pick<AdapterValues, 'a' | 'b' | 'further'>;

/**
 * Declares one adapter as PEFT lays it out: A [r, inFeatures], B [outFeatures, r], and what the method adds. The rank is
 * a size known only at the run, so that one program serves every arm.
 */
export function declareAdapter(graph: Graph, module: LinearModule, method: AdapterMethod): DeclaredAdapter {
  const { name, inFeatures, outFeatures } = module;
  const names = adapterNames(name);
  return {
    a: graph.parameter(names.a, ['r', inFeatures]),
    b: graph.parameter(names.b, [outFeatures, 'r']),
    further: method.furtherParameters(module).map((parameter) => graph.parameter(parameter.name, parameter.shape)),
  };
}

/** The scale s of B A (alpha/r, or alpha/sqrt(r) for rsLoRA), an input of the program. */
export const scaleInput = (graph: Graph): Value => graph.input('lora_scale', 'float32', []);

/** One arm's adapters, to be trained by a method: see declareAdapter. */
export class TrainableSlots implements AdapterSlots {
  readonly parameters: Value[] = [];
  private readonly graph: Graph;
  private readonly targets: ReadonlySet<string>;
  private readonly method: AdapterMethod;
  private readonly scale: Value;
  private readonly dropout: boolean;
  private readonly declared = new Map<string, DeclaredAdapter>();

  constructor(graph: Graph, targets: readonly LinearModule[], method: AdapterMethod, dropout: boolean) {
    this.graph = graph;
    this.targets = new Set(targets.map((m) => m.name));
    this.method = method;
    this.dropout = dropout;
    this.scale = scaleInput(graph);
  }

  apply(plain: Emit, map: LinearMap): Value {
    const { module, x, weight } = map;
    if (!this.targets.has(module.name)) return plainMap(plain, map);
    const e = new Emit(this.graph, `${module.name}/lora/`);
    const known = this.declared.get(module.name);
    if (known && this.dropout) throw sharedDropout(module.name);
    const adapter = known ?? this.declare(module);
    const { a, b } = adapter;
    // Inverted dropout on the adapter's input alone, as PEFT does it: the host draws the mask, 0 or 1/(1 - p).
    const dropped = this.dropout
      ? e.Mul(x, rowsLike(x, this.graph.input(dropoutInput(module.name), 'float32', ['T', module.inFeatures]), e))
      : undefined;
    const lowRank = (onto?: Value): Value =>
      e.Gemm(e.Mul(e.Gemm(dropped ?? x, a, { transB: 1 }), this.scale), b, { transB: 1 }, onto);
    const perRow = (column: string): Value => {
      const values = this.method.measure(e, { module, weight, scale: this.scale, ...adapter });
      const value = values[this.method.columns.indexOf(column)];
      if (!value) throw internal(`The adapter method ${this.method.name} has no column "${column}".`);
      return value;
    };
    return this.method.compute(plain, map, { lowRank, perRow, dropped });
  }

  /** Once for a map that several layers share. */
  private declare(module: LinearModule): DeclaredAdapter {
    const adapter = declareAdapter(this.graph, module, this.method);
    this.parameters.push(adapter.a, adapter.b, ...adapter.further);
    this.declared.set(module.name, adapter);
    return adapter;
  }
}

/** One mask would drop the same inputs in all layers, where PEFT draws one for each. */
function sharedDropout(where: string): RankscopeError {
  return new RankscopeError({
    code: 'config',
    where,
    what: 'Dropout of an adapter whose matrix several layers share is not supported.',
    remedy: 'Set the dropout of the adapters to 0.',
  });
}
