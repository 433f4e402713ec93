import { internal } from '../../protocol/errors.ts';
import type { Graph } from '../ops/graph.ts';
import type { Value } from '../ops/value.ts';
import { Emit } from '../ops/emit.ts';
import { plainMap, type AdapterSlots } from './adapterSlots.ts';
import type { Attention, AttentionHeads } from './attention.ts';
import type { LinearModule, Parameter } from './modelConfig.ts';

/** The tables of a rotary position embedding. */
export interface RotaryTables {
  /** They are the parameters NAME.cos and NAME.sin, [maxPositions, size / 2]. */
  readonly name: string;
  /** How many numbers of each head are rotated, from the first; even. */
  readonly size: number;
}

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

  /** Rotary position embedding of [T, heads x headSize]: of the first `rope.size` numbers of each head. */
  rotary(x: Value, { heads, headSize }: Pick<AttentionHeads, 'heads' | 'headSize'>, rope: RotaryTables): Value {
    const width = heads * headSize;
    if (rope.size === headSize) return this.rotated(x, heads, rope);
    const [first, rest] = this.e.Split(this.e.Reshape(x, 'T', heads, headSize), 2, rope.size, headSize - rope.size);
    if (!first || !rest) throw internal('A head did not split in two.');
    const turned = this.rotated(this.e.Reshape(first, 'T', heads * rope.size), heads, rope);
    return this.e.Reshape(this.e.Concat(2, this.e.Reshape(turned, 'T', heads, rope.size), rest), 'T', width);
  }

  /** The same of all numbers, [T, heads x rope.size]. */
  private rotated(x: Value, heads: number, { name, size }: RotaryTables): Value {
    const width = heads * size;
    // One row a "batch": the kernel bounds the sequence length by the table's, and T may be longer.
    const rows = this.e.Reshape(x, 'T', 1, width);
    const positions = this.e.Reshape(this.positions, 'T', 1);
    const [cos, sin] = [this.parameter(`${name}.cos`), this.parameter(`${name}.sin`)];
    return this.e.Reshape(this.e.RotaryEmbedding(rows, positions, cos, sin, heads), 'T', width);
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
