import { internal, RankscopeError } from '../../protocol/errors.ts';
import type { Graph } from '../ops/graph.ts';
import type { Value } from '../ops/value.ts';
import { Emit } from '../ops/emit.ts';
import type { LinearModule } from '../models/modelConfig.ts';
import { adapterNames } from './adapterMethod.ts';
import { plainMap, type AdapterSlots, type LinearMap } from '../models/adapterSlots.ts';
import { lora } from './lora.ts';
import { rowsLike } from './rowsLike.ts';

export const dropoutInput = (module: string): string => `${module}.dropout`;

/**
 * One arm's adapters, to be trained: W' = W + s B A (LoRA, arXiv 2106.09685, section 4.1), as PEFT lays them out:
 * A [r, inFeatures], B [outFeatures, r]. The rank is a size known only at the run, so that one program serves every arm;
 * the scale s (alpha/r, or alpha/sqrt(r) for rsLoRA) is an input.
 */
export class TrainableSlots implements AdapterSlots {
  readonly parameters: Value[] = [];
  private readonly graph: Graph;
  private readonly targets: ReadonlySet<string>;
  private readonly scale: Value;
  private readonly dropout: boolean;
  private readonly declared = new Map<string, readonly [Value, Value]>();

  constructor(graph: Graph, targets: readonly LinearModule[], dropout: boolean) {
    this.graph = graph;
    this.targets = new Set(targets.map((m) => m.name));
    this.dropout = dropout;
    this.scale = graph.input('lora_scale', 'float32', []);
  }

  apply(plain: Emit, map: LinearMap): Value {
    const { module, x } = map;
    if (!this.targets.has(module.name)) return plainMap(plain, map);
    const e = new Emit(this.graph, `${module.name}/lora/`);
    const known = this.declared.get(module.name);
    if (known && this.dropout) throw sharedDropout(module.name);
    const [a, b] = known ?? this.declare(module);
    // Inverted dropout on the adapter's input alone, as PEFT does it: the host draws the mask, 0 or 1/(1 - p).
    const kept = this.dropout
      ? e.Mul(x, rowsLike(x, this.graph.input(dropoutInput(module.name), 'float32', ['T', module.inFeatures]), e))
      : x;
    const lowRank = (onto?: Value): Value =>
      e.Gemm(e.Mul(e.Gemm(kept, a, { transB: 1 }), this.scale), b, { transB: 1 }, onto);
    return lora.compute(plain, map, { lowRank, perRow: noColumns });
  }

  /** Once for a map that several layers share. */
  private declare({ name, inFeatures, outFeatures }: LinearModule): readonly [Value, Value] {
    const names = adapterNames(name);
    const [a, b] = [
      this.graph.parameter(names.a, ['r', inFeatures]),
      this.graph.parameter(names.b, [outFeatures, 'r']),
    ];
    this.parameters.push(a, b);
    this.declared.set(name, [a, b]);
    return [a, b];
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

/** LoRA, the method that is trained here, has nothing beside A and B. */
function noColumns(column: string): Value {
  throw internal(`A trained adapter has no "${column}".`);
}
