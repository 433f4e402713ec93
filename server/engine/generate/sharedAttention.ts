import type { Attention, AttentionHeads } from '../models/attention.ts';
import type { Graph } from '../onnx/graph.ts';
import type { Value } from '../onnx/value.ts';
import type { Emit } from '../ops/emit.ts';

/**
 * Rows of a tree of sequences (sharedPacking.ts): each branch brings some rows, which attend to those on their way from
 * the root, whichever sequence brought them. As PackedAttention, but that queries and keys are gathered by indices of
 * their own; it has no gradient, since the keys' gather is not one to one.
 *
 * Inputs: `to_queries` int64 [B, kvHeads, L] and `to_keys` int64 [B, kvHeads, K], rows of [T x kvHeads]; `to_packed` int64
 * [T, kvHeads], the inverse of the first; `mask` [B, 1, L x group, K], 0 or a large negative number.
 */
export class SharedAttention implements Attention {
  private readonly toQueries: Value;
  private readonly toKeys: Value;
  private readonly toPacked: Value;
  private readonly mask: Value;
  /** Keys and values of each layer, [T, kvHeads x headSize], for whoever fills a cache. */
  readonly keyValues: { readonly k: Value; readonly v: Value }[] = [];

  constructor(graph: Graph, keyValueHeads: number) {
    this.toQueries = graph.input('to_queries', 'int64', ['B', keyValueHeads, 'L']);
    this.toKeys = graph.input('to_keys', 'int64', ['B', keyValueHeads, 'K']);
    this.toPacked = graph.input('to_packed', 'int64', ['T', keyValueHeads]);
    this.mask = graph.input('mask', 'float32', ['B', 1, 'M', 'K']);
  }

  attend(
    e: Emit,
    layer: number,
    { heads, keyValueHeads, headSize, scale }: AttentionHeads,
    q: Value,
    k: Value,
    v: Value,
  ): Value {
    this.keyValues[layer] = { k, v };
    const group = heads / keyValueHeads;
    const gather = (x: Value, width: number, index: Value): Value =>
      e.GatherRows(e.Reshape(x, 'T', keyValueHeads, width), index, this.toPacked);
    const queries = e.Reshape(gather(q, group * headSize, this.toQueries), 'B', keyValueHeads, 'M', headSize);
    const scores = e.FusedMatMul(queries, gather(k, headSize, this.toKeys), { transB: 1, alpha: scale });
    const weights = e.Softmax(e.Add(scores, this.mask));
    const values = gather(v, headSize, this.toKeys);
    const mixed = e.Reshape(e.FusedMatMul(weights, values), 'B', keyValueHeads, 'L', group * headSize);
    return e.Reshape(e.GatherRows(mixed, this.toPacked, this.toQueries), 'T', heads * headSize);
  }
}
