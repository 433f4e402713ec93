import type { Graph } from './graph.ts';

/**
 * Has results computed in the order in which they were written. ONNX Runtime goes depth-first from the nodes that give
 * results and nothing else, beginning with the last one in the program; of a backward pass that would be the first layer's
 * gradient, for which the whole pass is gone through, with everything kept that the gradients of all other layers need.
 * Those nodes are therefore moved to the end of the program, the first written last.
 */
export function resultsInOrder(graph: Graph): void {
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  const results = new Set(graph.outputs.map(({ value }) => value));
  const [ends, others] = [true, false].map((isEnd) =>
    graph.nodes.filter(
      ({ outputs }) => (outputs.some((v) => results.has(v)) && !outputs.some((v) => read.has(v))) === isEnd,
    ),
  );
  graph.nodes.splice(0, graph.nodes.length, ...(others ?? []), ...(ends ?? []).toReversed());
}
