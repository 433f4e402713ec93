import { internal } from '../../protocol/errors.ts';
import { propagate, seed } from '../autodiff/gradients.ts';
import { replay } from '../autodiff/replay.ts';
import type { Graph } from '../ops/graph.ts';
import type { Node, Value } from '../ops/value.ts';
import { Emit } from '../ops/emit.ts';

/** Bytes of logits that are held in one piece; several copies of a piece live at once. */
const PIECE = 32 * 2 ** 20;
/** Rows below which a product with the head is no longer worth its while. */
const FEWEST_ROWS = 128;

/** How a program takes its labels: in so many chunks of up to so many rows. */
export interface LabelChunks {
  readonly chunks: number;
  readonly rows: number;
}

/**
 * In which chunks the loss of at most `labels` labels of so many classes is computed. Where the head is trained, each chunk
 * sums up a gradient of its size, [classes, headWidth]: chunks whose logits are not much larger would cost more than they save.
 */
export function labelChunks(labels: number, classes: number, headWidth = 0): LabelChunks {
  const rows = Math.max(FEWEST_ROWS, Math.floor(PIECE / (4 * classes)), 2 * headWidth);
  return { chunks: Math.max(1, Math.ceil(labels / rows)), rows };
}

/** Names of the label inputs of a chunk; the only chunk's, or the first's, are plain. */
export const labelInputs = (chunk: number): { readonly rows: string; readonly labels: string } =>
  chunk === 0 ? { rows: 'label_rows', labels: 'labels' } : { rows: `label_rows.${chunk}`, labels: `labels.${chunk}` };

/** One chunk: its nodes from the chosen rows to the loss, and what may change between chunks. */
interface Chunk {
  readonly nodes: readonly Node[];
  /** int64 [N] and [N, 1] */
  readonly index: Value;
  readonly labels: Value;
  /** The rows of the residual stream, [N, hiddenSize]. */
  readonly rows: Value;
  /** [N, 1] */
  readonly loss: Value;
}

export interface ChunkedLoss {
  /** [all N, 1], nats. */
  readonly loss: Value;
  /** Gradients of the residual stream and of the trained parameters of the head. */
  readonly known: ReadonlyMap<Value, Value>;
}

/**
 * The loss and where the backward pass begins, chunk by chunk: the logits of a chunk are computed, and from them its loss,
 * the gradient of its rows and of the head, before those of the next are begun, so that the matrix of all logits never
 * exists. Nothing is computed twice, since the gradient of a sum of losses is known to be 1 beforehand.
 *
 * The order is kept by `After`: a chunk reads the residual stream behind the gradient that the one before it gave.
 */
export class ChunkedLossWriter {
  private readonly graph: Graph;
  private readonly e: Emit;
  private readonly body: Value;
  private readonly first: Chunk;

  /** Writes the first chunk. `head` takes rows of the residual stream `body` [T, hiddenSize] to logits. */
  constructor(graph: Graph, body: Value, head: (rows: Value) => Value) {
    this.graph = graph;
    this.e = new Emit(graph);
    this.body = body;
    const { index, labels } = this.inputs(0);
    const rows = this.e.Gather(body, index);
    const before = graph.nodes.length;
    const loss = this.e.SoftmaxCrossEntropyLoss(head(rows), labels);
    this.first = { index, labels, rows, loss, nodes: graph.nodes.slice(before) };
  }

  /** Writes the gradients of the first chunk, and the others with theirs. */
  write(chunks: number, variables: readonly Value[]): ChunkedLoss {
    const trained = variables.filter((v) => this.first.nodes.some(({ inputs }) => inputs.includes(v)));
    const losses: Value[] = [];
    let stream: Value | undefined;
    let sums: readonly Value[] = [];
    for (let i = 0; i < chunks; i++) {
      const chunk = stream ? this.again(i, stream) : this.first;
      losses.push(chunk.loss);
      const [rows, ...grown] = this.backward(chunk, trained, sums);
      if (!rows) throw internal('The loss has no gradient.');
      sums = grown;
      const into = stream ?? this.e.ZerosLike(this.body);
      stream = this.e.ScatterND(into, this.e.Reshape(chunk.index, 'rows', 1), this.behind(rows, sums, chunk));
    }
    if (!stream) throw internal('A loss has at least one chunk.');
    return { loss: this.e.Concat(0, ...losses), known: new Map([[this.body, stream], ...paired(trained, sums)]) };
  }

  private inputs(chunk: number): Pick<Chunk, 'index' | 'labels'> {
    const names = labelInputs(chunk);
    const size = chunk === 0 ? 'N' : `N${chunk}`;
    return {
      index: this.graph.input(names.rows, 'int64', [size]),
      labels: this.graph.input(names.labels, 'int64', [size, 1]),
    };
  }

  /** The same for other rows, once the gradient of the residual stream from the chunks before has been computed. */
  private again(chunk: number, stream: Value): Chunk {
    const { index, labels } = this.inputs(chunk);
    const rows = this.e.Gather(this.e.After(this.body, stream), index);
    const { first } = this;
    const replaced = new Map([
      [first.index, index],
      [first.labels, labels],
      [first.rows, rows],
    ]);
    const { nodes, values } = replay(this.graph, first.nodes, replaced, `chunk${chunk}/`);
    const written = first.nodes.map((node) => nodes.get(node) ?? node);
    return { index, labels, rows, loss: values.get(first.loss) ?? first.loss, nodes: written };
  }

  /** The gradients of a chunk's rows, and of the head's parameters with those of the chunks before. */
  private backward({ nodes, rows, loss }: Chunk, trained: readonly Value[], sums: readonly Value[]): readonly Value[] {
    const known = new Map([[loss, seed(this.e, loss)], ...paired(trained, sums)]);
    return propagate(this.graph, nodes, known, [rows, ...trained]);
  }

  /**
   * The gradient of a chunk's rows, but not before its share of the head's is in the sum; otherwise its logits would
   * have to wait for that until everything else was done. To depend on the sum, a row of it is looked up for each label.
   */
  private behind(rows: Value, sums: readonly Value[], { labels }: Chunk): Value {
    const classes = this.first.loss.node?.inputs[0]?.shape[1];
    return sums
      .filter(({ shape }) => shape.length === 2 && shape[0] === classes)
      .reduce((x, sum) => {
        const looked = this.e.Gather(sum, this.e.Reshape(labels, labels.shape[0] ?? 'N'));
        return this.e.After(x, looked);
      }, rows);
  }
}

/** The variables that have a sum, each with it. */
const paired = (variables: readonly Value[], sums: readonly Value[]): (readonly [Value, Value])[] =>
  sums.flatMap((sum, k) => variables.slice(k, k + 1).map((variable) => [variable, sum] as const));
