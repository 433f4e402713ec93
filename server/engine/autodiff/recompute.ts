import type { Graph } from '../ops/graph.ts';
import type { Node, Value } from '../ops/value.ts';
import { Emit } from '../ops/emit.ts';
import { replay, type Replayed } from './replay.ts';

/** The nodes between two borders. */
interface Stretch {
  readonly from: Value;
  readonly to: Value;
  readonly nodes: readonly Node[];
}

const NOTHING: Replayed = { nodes: new Map(), values: new Map() };

/**
 * Recomputation by layer (gradient checkpointing: Chen et al., arXiv 1604.06174): of the forward pass only the borders
 * between layers live on. When the backward pass comes to a layer, the layer is computed a second time from the border
 * before it, and gradient rules read that. The second computation waits for the gradient of the border behind it, by an
 * `After`, whatever order ONNX Runtime gives the program; were it not to wait, all layers would be recomputed at once.
 *
 * The last layer is left as it is: its backward pass follows upon its forward pass but for the head.
 */
export class Recomputation {
  private readonly graph: Graph;
  private readonly stretches = new Map<Node, Stretch>();
  private readonly replayed = new Map<Stretch, Replayed>();

  /** `borders` are values of one shape [T, features], in order. */
  constructor(graph: Graph, borders: readonly Value[]) {
    this.graph = graph;
    const places = borders.map(({ node }) => graph.nodes.findIndex((other) => other === node));
    borders.slice(0, -2).forEach((from, i) => {
      const to = borders[i + 1];
      if (!to) return;
      const stretch = { from, to, nodes: graph.nodes.slice((places[i] ?? 0) + 1, (places[i + 1] ?? 0) + 1) };
      for (const node of stretch.nodes) this.stretches.set(node, stretch);
    });
  }

  /**
   * What stands for the nodes and values of the layer that a node belongs to. The first to ask has it written, as the
   * walk goes backward when the gradient of the layer's last value is complete.
   */
  of(node: Node, gradient: (value: Value) => Value | undefined): Replayed {
    const stretch = this.stretches.get(node);
    if (!stretch) return NOTHING;
    const known = this.replayed.get(stretch);
    if (known) return known;
    const { from, to, nodes } = stretch;
    // Adding that gradient up may ask for this same layer.
    this.replayed.set(stretch, NOTHING);
    const arrived = gradient(to);
    const start = arrived && new Emit(this.graph, `again/${from.name}/`).After(from, arrived);
    const written = start ? replay(this.graph, nodes, new Map([[from, start]]), 'again/') : NOTHING;
    this.replayed.set(stretch, written);
    return written;
  }
}
