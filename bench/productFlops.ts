import { internal } from '../server/protocol/errors.ts';
import type { Graph } from '../server/engine/ops/graph.ts';
import type { Dim, Node, Shape } from '../server/engine/ops/value.ts';

/** What dynamic sizes are in a run. */
export type Sizes = ReadonlyMap<string, number>;

/**
 * Floating-point operations of a program's matrix products, two a multiplication and addition: of every Gemm and
 * FusedMatMul that an output needs, batched ones as often as they run. Element by element work counts for nothing.
 */
export function productFlops(graph: Graph, sizes: Sizes): number {
  return [...neededNodes(graph)].reduce((sum, node) => sum + flopsOf(node, sizes), 0);
}

/** What the dynamic sizes of a program's inputs are in tensors that it is given. */
export function sizesOf(graph: Graph, feeds: ReadonlyMap<string, { readonly dims: readonly number[] }>): Sizes {
  const named = graph.inputs.flatMap(({ name, shape }) =>
    shape.map((dim, axis) => [dim, feeds.get(name)?.dims[axis]] as const),
  );
  return new Map(
    named.flatMap(([dim, size]) => (typeof dim === 'string' && size !== undefined ? [[dim, size] as const] : [])),
  );
}

function neededNodes(graph: Graph): ReadonlySet<Node> {
  const seen = new Set<Node>();
  const waiting = graph.outputs.flatMap(({ value }) => value.node ?? []);
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (seen.has(node)) continue;
    seen.add(node);
    waiting.push(...node.inputs.flatMap((value) => value?.node ?? []));
  }
  return seen;
}

function flopsOf(node: Node, sizes: Sizes): number {
  const { op } = node;
  if (op !== 'Gemm' && op !== 'FusedMatMul') {
    if (/MatMul|Attention|Einsum|Conv/.test(op)) throw internal(`The products of ${op} are not counted.`);
    return 0;
  }
  const { transA = 0 } = (node as Node<'Gemm' | 'FusedMatMul'>).attributes;
  const inner = node.inputs[0]?.shape.at(transA ? -2 : -1);
  return 2 * size(inner, sizes, node.name) * count(node.outputs[0]?.shape ?? [], sizes, node.name);
}

const count = (shape: Shape, sizes: Sizes, where: string): number =>
  shape.reduce<number>((product, dim) => product * size(dim, sizes, where), 1);

function size(dim: Dim | undefined, sizes: Sizes, where: string): number {
  const value = typeof dim === 'string' ? sizes.get(dim) : dim;
  if (value === undefined) throw internal(`The size ${String(dim)} of ${where} is not known.`);
  return value;
}
