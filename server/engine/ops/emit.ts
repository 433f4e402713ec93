import { internal } from '../../protocol/errors.ts';
import type { Graph } from './graph.ts';
import type { Dim, Value } from './value.ts';
import type { OpAttributes, OpName } from './opTable.ts';

/**
 * Writes nodes into a graph: one method per op, named as the op, for the model definitions and the gradient rules.
 * Two-dimensional activations are [rows, features] throughout.
 */
export class Emit {
  readonly graph: Graph;
  private readonly scope: string;

  constructor(graph: Graph, scope = '') {
    this.graph = graph;
    this.scope = scope;
  }

  /** The same graph, its nodes named under `scope`. */
  within(scope: string): Emit {
    return new Emit(this.graph, `${this.scope}${scope}/`);
  }

  scalar(value: number): Value {
    return this.graph.constant('float32', [], [value]);
  }

  Add = (a: Value, b: Value): Value => this.one('Add', [a, b], {});
  Sub = (a: Value, b: Value): Value => this.one('Sub', [a, b], {});
  /** A factor that is the constant 1 is no node. */
  Mul = (a: Value, b: Value): Value => (this.isOne(a) ? b : this.isOne(b) ? a : this.one('Mul', [a, b], {}));
  Div = (a: Value, b: Value): Value => this.one('Div', [a, b], {});
  Neg = (x: Value): Value => this.one('Neg', [x], {});
  Exp = (x: Value): Value => this.one('Exp', [x], {});
  Log = (x: Value): Value => this.one('Log', [x], {});
  Tanh = (x: Value): Value => this.one('Tanh', [x], {});
  Sigmoid = (x: Value): Value => this.one('Sigmoid', [x], {});
  Erf = (x: Value): Value => this.one('Erf', [x], {});
  Relu = (x: Value): Value => this.one('Relu', [x], {});
  Sqrt = (x: Value): Value => this.one('Sqrt', [x], {});
  Greater = (a: Value, b: Value): Value => this.one('Greater', [a, b], {});
  Where = (condition: Value, a: Value, b: Value): Value => this.one('Where', [condition, a, b], {});
  Cast = (x: Value, to: 'float32' | 'int64'): Value => this.one('Cast', [x], { to });
  /** op(a) op(b) + c, matrices only. */
  Gemm = (a: Value, b: Value, attributes: OpAttributes['Gemm'] = {}, c?: Value): Value =>
    this.one('Gemm', c ? [a, b, c] : [a, b], attributes);
  FusedMatMul = (a: Value, b: Value, attributes: OpAttributes['FusedMatMul'] = {}): Value =>
    this.one('FusedMatMul', [a, b], attributes);
  FastGelu = (x: Value): Value => this.one('FastGelu', [x], {});
  Gelu = (x: Value): Value => this.one('Gelu', [x], {});
  QuickGelu = (x: Value, alpha: number): Value => this.one('QuickGelu', [x], { alpha });
  LayerNormalization = (x: Value, scale: Value, bias: Value, epsilon: number): Value =>
    this.one('LayerNormalization', [x, scale, bias], { epsilon });
  SimplifiedLayerNormalization = (x: Value, scale: Value, epsilon: number): Value =>
    this.one('SimplifiedLayerNormalization', [x, scale], { epsilon });
  Softmax = (x: Value): Value => this.one('Softmax', [x], {});
  LogSoftmax = (x: Value): Value => this.one('LogSoftmax', [x], {});
  /** Unreduced loss [N, 1]; the log probabilities are the node's second output. */
  SoftmaxCrossEntropyLoss = (scores: Value, labels: Value): Value =>
    this.one('SoftmaxCrossEntropyLoss', [scores, labels], {});
  ReduceSum = (x: Value, ...axes: readonly number[]): Value => this.one('ReduceSum', [x], { axes });
  ReduceMean = (x: Value, ...axes: readonly number[]): Value => this.one('ReduceMean', [x], { axes });
  ReduceSumSquare = (x: Value, ...axes: readonly number[]): Value => this.one('ReduceSumSquare', [x], { axes });
  Detach = (x: Value): Value => this.one('Detach', [x], {});
  ArgMax = (x: Value): Value => this.one('ArgMax', [x], {});
  /** A Reshape of a Reshape is one of what that was given, and to the shape that it has already, none. */
  Reshape = (x: Value, ...shape: readonly Dim[]): Value => {
    const source = this.unreshaped(x, shape);
    return source.shape.join() === shape.join() ? source : this.one('Reshape', [source], { shape });
  };
  Transpose = (x: Value, ...perm: readonly number[]): Value => this.one('Transpose', [x], { perm });
  Concat = (axis: number, ...parts: readonly Value[]): Value => this.one('Concat', parts, { axis });
  Split = (x: Value, axis: number, ...sizes: readonly number[]): readonly Value[] =>
    this.add('Split', [x], { axis, sizes });
  SplitFirst = (x: Value, axis: number): readonly [Value, Value] => {
    const [first, rest] = this.add('SplitFirst', [x], { axis });
    if (!first || !rest) throw internal('SplitFirst has two outputs.');
    return [first, rest];
  };
  Gather = (data: Value, index: Value): Value => this.one('Gather', [data, index], {});
  /** Of data [..., width], all leading axes are flattened. */
  GatherRows = (data: Value, index: Value, inverse: Value, ...copies: readonly [] | readonly [Value, Value]): Value =>
    this.one('GatherRows', [this.rows(data), index, inverse, ...copies], {});
  GatherElements = (data: Value, index: Value): Value => this.one('GatherElements', [data, index], {});
  ScatterElements = (data: Value, index: Value, updates: Value): Value =>
    this.one('ScatterElements', [data, index, updates], {});
  ScatterND = (data: Value, index: Value, updates: Value): Value => this.one('ScatterND', [data, index, updates], {});
  ZerosLike = (x: Value): Value => this.one('ZerosLike', [x], {});
  After = (x: Value, y: Value): Value => this.one('After', [x, y], {});
  RotaryEmbedding = (x: Value, positions: Value, cos: Value, sin: Value, heads: number): Value =>
    this.one('RotaryEmbedding', [x, positions, cos, sin], { heads });

  /** x [..., width] as a matrix [rows, width]. */
  rows(x: Value): Value {
    const leading = x.shape.slice(0, -1);
    const known = leading.every((d) => typeof d === 'number');
    const count = known ? leading.reduce((a, b) => a * b, 1) : leading.join('*');
    return this.Reshape(x, count, x.shape.at(-1) ?? 1);
  }

  /** The first of the values that x was reshaped from that can be reshaped to `shape` as well: one size can be inferred. */
  private unreshaped(x: Value, shape: readonly Dim[]): Value {
    const [source] = x.node?.op === 'Reshape' ? x.node.inputs : [];
    if (!source) return x;
    const before = this.unreshaped(source, shape);
    const inferred = shape.filter((d, i) => typeof d === 'string' && d !== before.shape[i]);
    return inferred.length > 1 ? x : before;
  }

  private isOne(value: Value): boolean {
    return value === this.scalar(1);
  }

  private one<K extends OpName>(op: K, inputs: readonly Value[], attributes: OpAttributes[K]): Value {
    const [first] = this.add(op, inputs, attributes);
    if (!first) throw internal(`Op ${op} has no output.`);
    return first;
  }

  private add<K extends OpName>(op: K, inputs: readonly Value[], attributes: OpAttributes[K]): readonly Value[] {
    return this.graph.add(op, inputs, attributes, this.scope ? `${this.scope}${op}` : undefined);
  }
}
