import type { Graph } from '../ops/graph.ts';
import type { Value } from '../ops/value.ts';
import type { Emit } from '../ops/emit.ts';

export interface AttentionHeads {
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  /** Factor of the scores; 1/sqrt(headSize) by custom. */
  readonly scale: number;
  /** Bound of the scores: cap tanh(score / cap) (Gemma 2, arXiv 2408.00118). */
  readonly cap?: number | undefined;
  /** Whether a token sees the last `window` positions of its sequence alone (ModelConfig). */
  readonly windowed?: boolean;
}

/** The scores of queries and keys before masking. */
function scoresOf(e: Emit, { scale, cap }: AttentionHeads, queries: Value, keys: Value): Value {
  if (cap === undefined) return e.FusedMatMul(queries, keys, { transB: 1, alpha: scale });
  const shrunk = e.FusedMatMul(queries, keys, { transB: 1, alpha: scale / cap });
  return e.Mul(e.Tanh(shrunk), e.scalar(cap));
}

/** How the rows of a batch attend: within packed sequences, or one new row each to a cache. */
export interface Attention {
  /** q [T, heads x headSize], k and v [T, keyValueHeads x headSize] -> [T, heads x headSize]. */
  attend(e: Emit, layer: number, heads: AttentionHeads, q: Value, k: Value, v: Value): Value;
}

/**
 * Sequences laid end to end in T rows, each attending to itself alone. Queries, keys and values are gathered into a
 * padded [B, kvHeads, length, ...] for the two products and back again: padding costs there only, and the gather does
 * the transposition on its way. The query heads of one key-value head stand side by side as rows, so that grouped keys
 * and values are never repeated. Sequences may share the rows that they begin with (packing.ts): each of the B branches
 * brings queries of its own rows, L at the most, and has the keys of all rows on its way, K at the most.
 *
 * Inputs: `query_rows` int64 [B, kvHeads, L] and `key_rows` int64 [B, kvHeads, K], rows of [T x kvHeads]; their inverses
 * `query_places` and `key_places` int64 [T, kvHeads]; `mask` [B, 1, L x group, K], 0 or a large negative number. A
 * padding row may attend to padding only. Layers that attend within a window have `window_mask` in its stead, of the same
 * shape. Where rows are shared, a gradient has to know the other places of their keys:
 * `further_places` int64 [C], rows of [B x kvHeads x K], and `further_rows` int64 [C, 1], of [T x kvHeads].
 */
export class PackedAttention implements Attention {
  private readonly queryRows: Value;
  private readonly queryPlaces: Value;
  private readonly keyRows: Value;
  private readonly keyPlaces: Value;
  private readonly graph: Graph;
  private readonly masks = new Map<string, Value>();
  private readonly further: readonly [] | readonly [places: Value, rows: Value];
  /** Keys and values of each layer, [T, kvHeads x headSize], for whoever fills a cache. */
  readonly keyValues: { readonly k: Value; readonly v: Value }[] = [];

  /** `sharesPrefixes`: whether a gradient allows for shared rows; without one they always may be shared. */
  constructor(graph: Graph, keyValueHeads: number, { sharesPrefixes = false } = {}) {
    this.graph = graph;
    this.queryRows = graph.input('query_rows', 'int64', ['B', keyValueHeads, 'L']);
    this.queryPlaces = graph.input('query_places', 'int64', ['T', keyValueHeads]);
    this.keyRows = graph.input('key_rows', 'int64', ['B', keyValueHeads, 'K']);
    this.keyPlaces = graph.input('key_places', 'int64', ['T', keyValueHeads]);
    this.further = sharesPrefixes
      ? [graph.input('further_places', 'int64', ['C']), graph.input('further_rows', 'int64', ['C', 1])]
      : [];
  }

  attend(e: Emit, layer: number, attention: AttentionHeads, q: Value, k: Value, v: Value): Value {
    this.keyValues[layer] = { k, v };
    const { heads, keyValueHeads, headSize } = attention;
    const group = heads / keyValueHeads;
    const split = (x: Value, width: number): Value => e.Reshape(x, 'T', keyValueHeads, width);
    const pad = (x: Value): Value => e.GatherRows(split(x, headSize), this.keyRows, this.keyPlaces, ...this.further);
    const padded = e.GatherRows(split(q, group * headSize), this.queryRows, this.queryPlaces);
    const queries = e.Reshape(padded, 'B', keyValueHeads, 'M', headSize);
    const scores = scoresOf(e, attention, queries, pad(k));
    const weights = e.Softmax(e.Add(scores, this.mask(attention)));
    const mixed = e.Reshape(e.FusedMatMul(weights, pad(v)), 'B', keyValueHeads, 'L', group * headSize);
    return e.Reshape(e.GatherRows(mixed, this.queryPlaces, this.queryRows), 'T', heads * headSize);
  }

  private mask({ windowed }: AttentionHeads): Value {
    return maskInput(this.graph, this.masks, windowed ? 'window_mask' : 'mask', ['B', 1, 'M', 'K']);
  }
}

/** An input of the program that is declared at its first use. */
function maskInput(graph: Graph, masks: Map<string, Value>, name: string, shape: Value['shape']): Value {
  const mask = masks.get(name) ?? graph.input(name, 'float32', shape);
  masks.set(name, mask);
  return mask;
}

/**
 * One new row a sequence, attending to the sequence's cache and to itself. The cache is read where it lies and the new
 * key and value come out as results, so that no cache is ever copied through the program.
 *
 * Inputs: `past_k.N`, `past_v.N` [T, kvHeads, C, headSize]; `past_mask` [T, 1, 1, C], 0 where the cache holds a key, and
 * for layers that attend within a window `past_window_mask`, 0 where it holds one that the new row sees.
 */
export class CachedAttention implements Attention {
  private readonly graph: Graph;
  private readonly masks = new Map<string, Value>();
  readonly keyValues: { readonly k: Value; readonly v: Value }[] = [];

  constructor(graph: Graph) {
    this.graph = graph;
  }

  attend(e: Emit, layer: number, attention: AttentionHeads, q: Value, k: Value, v: Value): Value {
    this.keyValues[layer] = { k, v };
    const { heads, keyValueHeads, headSize } = attention;
    const cache = (name: string): Value =>
      this.graph.input(`${name}.${layer}`, 'float32', ['T', keyValueHeads, 'C', headSize]);
    const [pastKeys, pastValues] = [cache('past_k'), cache('past_v')];
    const group = heads / keyValueHeads;
    const queries = e.Reshape(q, 'T', keyValueHeads, group, headSize);
    const key = e.Reshape(k, 'T', keyValueHeads, 1, headSize);
    const value = e.Reshape(v, 'T', keyValueHeads, 1, headSize);
    const past = e.Add(scoresOf(e, attention, queries, pastKeys), this.mask(attention));
    const self = scoresOf(e, attention, queries, key);
    // The new key's weight stands first, since the cache's length is not known when the program is written.
    const weights = e.Softmax(e.Concat(3, self, past));
    const [own, rest] = e.SplitFirst(weights, 3);
    const mixed = e.Add(e.FusedMatMul(rest, pastValues), e.Mul(own, value));
    return e.Reshape(mixed, 'T', heads * headSize);
  }

  private mask({ windowed }: AttentionHeads): Value {
    return maskInput(this.graph, this.masks, windowed ? 'past_window_mask' : 'past_mask', ['T', 1, 1, 'C']);
  }
}
