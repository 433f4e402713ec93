import type { Node, Value } from '../ops/value.ts';
import type { Emit } from '../ops/emit.ts';
import type { OpName } from '../ops/opTable.ts';

/** A contribution to a gradient that touches some rows of axis 0 only: value[index[i, 0]] += updates[i]. */
export interface RowUpdates {
  readonly index: Value;
  readonly updates: Value;
}

/** A contribution that can be written onto what has been added up before it: a matrix product does so at no cost. */
export type Product = (onto?: Value) => Value;

export type Contribution = Value | RowUpdates | Product;

export const isProduct = (c: Contribution): c is Product => typeof c === 'function';
export const isRowUpdates = (c: Contribution): c is RowUpdates => 'updates' in c;

/** What a rule sees of the node that it differentiates. */
export interface Differentiation<K extends OpName> {
  readonly node: Node<K>;
  /** Writes gradient nodes, named after the forward node. */
  readonly e: Emit;
  readonly input: (i: number) => Value;
  readonly output: (i: number) => Value;
  /** Gradient of the loss with respect to output i, of the output's shape (see `seed` in gradients.ts for the one exception). */
  readonly d: (i: number) => Value;
  /** Whether output i influences the loss. */
  readonly has: (i: number) => boolean;
}

/**
 * One entry per input: how its gradient is written, or undefined where the input has none (an index). Only the entries
 * of inputs that need a gradient are called, and equal nodes are written once, so that entries may share terms freely.
 * Broadcasting is undone and contributions are added up by the walker, never here.
 */
export type GradientRule<K extends OpName> = (c: Differentiation<K>) => readonly ((() => Contribution) | undefined)[];

/** Why an op has no gradient. */
export interface NoGradient {
  readonly none: string;
  /** Whether the walk takes what the op gives for a constant, instead of refusing to differentiate it. */
  readonly isConstant?: true;
}
