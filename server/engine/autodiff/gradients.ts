import { internal } from '../../protocol/errors.ts';
import type { Graph } from '../ops/graph.ts';
import type { Dim, Node, Value } from '../ops/value.ts';
import { Emit } from '../ops/emit.ts';
import { isProduct, isRowUpdates, type Contribution, type Differentiation } from './gradientRule.ts';
import { gradientRules } from './gradientRules.ts';
import { Recomputation } from './recompute.ts';

export interface GradientOptions {
  /** Where recomputation begins anew: see recompute.ts. Nothing is recomputed without. */
  readonly borders?: readonly Value[] | undefined;
}

/**
 * Writes the reverse-mode derivative of `sum(loss)` with respect to each of `variables` into the graph and returns
 * them in order, each of its variable's shape.
 *
 * Nothing is written for a value that depends on no variable (frozen weights, everything below the lowest adapter) or
 * that does not influence the loss. A variable that does not influence the loss is a fault of the program.
 */
export function gradients(
  graph: Graph,
  loss: Value,
  variables: readonly Value[],
  options: GradientOptions = {},
): readonly Value[] {
  return propagate(graph, graph.nodes, new Map([[loss, seed(new Emit(graph), loss)]]), variables, options);
}

/**
 * The same from where the gradient is known already: of the values in `known`, to which the walk adds what comes to it,
 * back through `nodes` alone (in their order) to `variables`, on which it stops if what gives them is not among `nodes`.
 */
export function propagate(
  graph: Graph,
  nodes: readonly Node[],
  known: ReadonlyMap<Value, Value>,
  variables: readonly Value[],
  { borders = [] }: GradientOptions = {},
): readonly Value[] {
  const walker = new BackwardWalker(graph, nodes, variables, new Recomputation(graph, borders));
  for (const [value, gradient] of known) walker.contribute(value, gradient);
  walker.walk();
  return variables.map((variable) => {
    const gradient = walker.gradient(variable);
    if (!gradient) throw internal(`The variable ${variable.name} does not influence the loss.`);
    return gradient;
  });
}

/** Ones of the loss's shape; just 1 for the loss whose rule takes a scalar, which saves a pass over all logits. */
export function seed(e: Emit, loss: Value): Value {
  const scalar = loss.shape.length === 0 || loss.node?.op === 'SoftmaxCrossEntropyLoss';
  return scalar ? e.scalar(1) : e.Add(e.ZerosLike(loss), e.scalar(1));
}

class BackwardWalker {
  private readonly graph: Graph;
  /** Values that depend on a variable. */
  private readonly dependent = new Set<Value>();
  private readonly contributions = new Map<Value, Contribution[]>();
  private readonly finished = new Map<Value, Value>();
  private readonly forward: readonly Node[];
  private readonly recomputation: Recomputation;

  constructor(graph: Graph, nodes: readonly Node[], variables: readonly Value[], recomputation: Recomputation) {
    this.graph = graph;
    this.forward = [...nodes];
    this.recomputation = recomputation;
    for (const variable of variables) this.dependent.add(variable);
    for (const node of this.forward) {
      if (isConstant(node)) continue;
      if (node.inputs.some((v) => v && this.dependent.has(v))) for (const v of node.outputs) this.dependent.add(v);
    }
  }

  contribute(value: Value, contribution: Contribution): void {
    if (!this.dependent.has(value)) return;
    const list = this.contributions.get(value);
    if (list) list.push(contribution);
    else this.contributions.set(value, [contribution]);
  }

  walk(): void {
    for (const node of this.forward.toReversed()) {
      if (node.outputs.some((v) => this.contributions.has(v))) this.differentiate(node);
    }
  }

  /** The sum of the contributions to a value, or undefined where it does not influence the loss. */
  gradient(value: Value): Value | undefined {
    const known = this.finished.get(value);
    if (known) return known;
    const list = this.contributions.get(value);
    if (!list) return undefined;
    const sum = this.add(value, list);
    this.finished.set(value, sum);
    return sum;
  }

  private differentiate<K extends Node['op']>(node: Node<K>): void {
    const rule = gradientRules[node.op];
    if (typeof rule !== 'function') throw internal(`${node.name}: ${node.op} has no gradient: ${rule.none}.`);
    const e = new Emit(this.graph, `gradient/${node.name}/`);
    const read = new Set<number>();
    const again = this.recomputation.of(node, (value) => this.gradient(value));
    const entries = rule(this.differentiation(node, (again.nodes.get(node) as Node<K> | undefined) ?? node, e, read));
    node.inputs.forEach((input, i) => {
      if (!input || !this.dependent.has(input)) return;
      const contribution = entries[i]?.();
      if (!contribution) throw internal(`${node.name}: ${node.op} has no gradient with respect to input ${i}.`);
      const whole = isProduct(contribution) || isRowUpdates(contribution);
      this.contribute(input, whole ? contribution : unbroadcast(e, contribution, input));
    });
    // A rule that covers the first output only would silently drop what flows back through another.
    const dropped = node.outputs.findIndex((v, i) => this.contributions.has(v) && !read.has(i));
    if (dropped >= 0) throw internal(`${node.name}: the gradient of ${node.op} leaves out output ${dropped}.`);
  }

  /** What the rule sees: values of `seen`, which is the node or its recomputation, and gradients of the node's. */
  private differentiation<K extends Node['op']>(
    node: Node<K>,
    seen: Node<K>,
    e: Emit,
    read: Set<number>,
  ): Differentiation<K> {
    const required = (value: Value | undefined, what: string): Value => {
      if (!value) throw internal(`${node.name}: ${what} is missing.`);
      return value;
    };
    const output = (i: number): Value => required(node.outputs[i], `output ${i}`);
    const noted = (i: number): Value => {
      read.add(i);
      return output(i);
    };
    return {
      node: seen,
      e,
      output: (i) => required(seen.outputs[i], `output ${i}`),
      input: (i) => required(seen.inputs[i], `input ${i}`),
      d: (i) => required(this.gradient(noted(i)), `the gradient of output ${i}`),
      has: (i) => this.contributions.has(noted(i)),
    };
  }

  /** The value as the backward pass finds it: itself, or its recomputation. */
  private standingFor(value: Value): Value {
    const again = value.node && this.recomputation.of(value.node, (other) => this.gradient(other));
    return again?.values.get(value) ?? value;
  }

  /** Values are added up, products written onto the sum; row updates are then scattered into it, or into zeros. */
  private add(value: Value, list: readonly Contribution[]): Value {
    const e = new Emit(this.graph, `gradient/${value.name}/`);
    const rows = list.filter((c) => !isProduct(c)).filter(isRowUpdates);
    const values = list.filter((c): c is Value => !isProduct(c) && !isRowUpdates(c));
    const added = values.reduce<Value | undefined>((a, b) => (a ? e.Add(a, b) : b), undefined);
    const sum = list.filter(isProduct).reduce<Value | undefined>((onto, product) => product(onto), added);
    return rows.reduce<Value>(
      (into, { index, updates }) => e.ScatterND(into, index, updates),
      sum ?? e.ZerosLike(this.standingFor(value)),
    );
  }
}

function isConstant({ op }: Node): boolean {
  const rule = gradientRules[op];
  return typeof rule !== 'function' && rule.isConstant === true;
}

/** Sums a gradient over the axes along which its value was broadcast. */
function unbroadcast(e: Emit, gradient: Value, like: Value): Value {
  const extra = gradient.shape.length - like.shape.length;
  const summed = gradient.shape.flatMap((size: Dim, axis) =>
    axis < extra || (like.shape[axis - extra] === 1 && size !== 1) ? [axis] : [],
  );
  const reduced = summed.length > 0 ? e.ReduceSum(gradient, ...summed) : gradient;
  return extra > 0 ? e.Reshape(reduced, ...like.shape) : reduced;
}
