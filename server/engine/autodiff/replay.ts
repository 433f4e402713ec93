import type { Graph } from '../ops/graph.ts';
import type { Node, Value } from '../ops/value.ts';

/** What was written again: of nodes and of the values that they give. What is not in here stands as it was. */
export interface Replayed {
  readonly nodes: ReadonlyMap<Node, Node>;
  readonly values: ReadonlyMap<Value, Value>;
}

/**
 * Writes nodes a second time with other values in the place of some, under names that begin with `scope`. Only what depends
 * on a replaced value is written: an index or a mask that does not is shared by both.
 */
export function replay(
  graph: Graph,
  nodes: readonly Node[],
  replaced: ReadonlyMap<Value, Value>,
  scope: string,
): Replayed {
  const values = new Map(replaced);
  const copies = new Map<Node, Node>();
  for (const node of nodes) {
    if (!node.inputs.some((v) => v && values.has(v))) continue;
    const inputs = node.inputs.map((v) => v && (values.get(v) ?? v));
    const outputs = graph.add(node.op, inputs, node.attributes, `${scope}${node.name}`);
    const copy = outputs[0]?.node;
    if (copy) copies.set(node, copy);
    node.outputs.forEach((v, i) => {
      const output = outputs[i];
      if (output) values.set(v, output);
    });
  }
  return { nodes: copies, values };
}
