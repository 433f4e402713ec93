import { internal } from '../../protocol/errors.ts';
import type { Graph } from '../ops/graph.ts';
import type { Value } from '../ops/value.ts';
import { Emit } from '../ops/emit.ts';
import { plainMap, type AdapterSlots } from './adapterSlots.ts';
import type { Attention, AttentionHeads } from './attention.ts';
import type { LinearModule, Parameter } from './modelConfig.ts';

export interface ModelContextOptions {
  readonly parameters: readonly Parameter[];
  readonly modules: readonly LinearModule[];
  readonly graph: Graph;
  readonly attention: Attention;
  /** Adapters beside the linear maps; absent for the base model alone. */
  readonly adapters?: AdapterSlots | undefined;
  /** Index of the last layer. */
  readonly lastLayer: number;
  /** int64 [N]: the rows whose state after the last layer is asked for; all of them unless given. */
  readonly rows?: Value | undefined;
}

/**
 * What a family's definition computes with. Activations are [T, features], T the rows of all sequences of the batch laid
 * end to end, so that a definition never sees padding, batches, caches or adapters.
 */
export class ModelContext {
  readonly e: Emit;
  /** int64 [T] */
  readonly tokens: Value;
  /** int64 [T], 0-based within each sequence. */
  readonly positions: Value;
  /** The residual stream after the embeddings (index 0) and after each layer, for the logit lens. */
  readonly residuals: Value[] = [];
  private readonly graph: Graph;
  private readonly attentionKind: Attention;
  private readonly adapters: AdapterSlots | undefined;
  private readonly parameters: ReadonlyMap<string, Parameter>;
  private readonly modules: ReadonlyMap<string, LinearModule>;
  private readonly lastLayer: number;
  private readonly rows: Value | undefined;
  private types: Value | undefined;
  private readonly declared = new Map<string, Value>();

  constructor({ parameters, modules, graph, attention, adapters, lastLayer, rows }: ModelContextOptions) {
    this.graph = graph;
    this.e = new Emit(graph);
    this.tokens = graph.input('tokens', 'int64', ['T']);
    this.positions = graph.input('positions', 'int64', ['T']);
    this.attentionKind = attention;
    this.adapters = adapters;
    this.parameters = new Map(parameters.map((p) => [p.name, p]));
    this.modules = new Map(modules.map((m) => [m.name, m]));
    this.lastLayer = lastLayer;
    this.rows = rows;
  }

  /** A parameter, declared in the program at its first use. */
  parameter(name: string): Value {
    const known = this.declared.get(name);
    if (known) return known;
    const spec = this.parameters.get(name);
    if (!spec) throw internal(`The model has no parameter ${name}.`);
    const value = this.graph.parameter(name, spec.shape);
    this.declared.set(name, value);
    return value;
  }

  /** int64 [T]: positions as rows of a table whose first `offset` rows are not for positions. */
  positionsFrom(offset: number): Value {
    return offset === 0 ? this.positions : this.e.Add(this.positions, this.graph.constant('int64', [], [offset]));
  }

  /** int64 [T]: which of the parts of its sequence a token belongs to; 0 in sequences of one part. */
  tokenTypes(): Value {
    this.types ??= this.graph.input('token_types', 'int64', ['T']);
    return this.types;
  }

  embedding(name: string, ids: Value): Value {
    return this.e.Gather(this.parameter(name), ids);
  }

  /** x W' + b, and the adapters of this module, added to `onto` if given: [T, inFeatures] -> [T, outFeatures]. */
  linear(name: string, x: Value, onto?: Value): Value {
    const module = this.modules.get(name);
    if (!module) throw internal(`The model has no linear module ${name}.`);
    const bias = module.bias ? this.parameter(`${name}.bias`) : undefined;
    const map = { module, x, weight: this.parameter(`${name}.weight`), bias, onto };
    return this.adapters ? this.adapters.apply(this.e, map) : plainMap(this.e, map);
  }

  /** Attention of each sequence to itself (and to what is cached of it): queries, keys, values [T, heads x headSize]. */
  attention(layer: number, heads: AttentionHeads, q: Value, k: Value, v: Value): Value {
    return this.attentionKind.attend(this.e, layer, heads, q, k, v);
  }

  /** Rotary position embedding of [T, heads x headSize] by the tables `cos` and `sin`, [maxPositions, headSize / 2]. */
  rotary(x: Value, heads: number, cos: string, sin: string): Value {
    const width = x.shape[1] ?? 0;
    // One row a "batch": the kernel bounds the sequence length by the table's, and T may be longer.
    const rows = this.e.Reshape(x, 'T', 1, width);
    const positions = this.e.Reshape(this.positions, 'T', 1);
    const turned = this.e.RotaryEmbedding(rows, positions, this.parameter(cos), this.parameter(sin), heads);
    return this.e.Reshape(turned, 'T', width);
  }

  /**
   * What a layer goes on with after its attention, in which alone rows meet: of the last layer the rows asked for, [N,
   * features], everywhere else all of them.
   */
  afterAttention(layer: number, x: Value): Value {
    return this.rows && layer === this.lastLayer ? this.e.Gather(x, this.rows) : x;
  }

  /** Notes the residual stream after the embeddings, and then after each layer. */
  residual(x: Value): Value {
    this.residuals.push(x);
    return x;
  }
}
