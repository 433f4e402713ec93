import type { OpAttributes, OpName } from './opTable.ts';

/** Element types that programs use. */
export type DType = 'float32' | 'float16' | 'int64' | 'int32' | 'bool';

/** A size known when the program is built, or the name of one known only when it runs (`T`: packed tokens). */
export type Dim = number | string;
export type Shape = readonly Dim[];

export interface ValueType {
  readonly dtype: DType;
  readonly shape: Shape;
}

/** A tensor of a program: an input, a parameter, a constant, or the output of a node. */
export interface Value extends ValueType {
  readonly name: string;
  readonly node?: Node;
}

export interface Node<K extends OpName = OpName> {
  readonly op: K;
  readonly name: string;
  readonly inputs: readonly (Value | undefined)[];
  readonly outputs: readonly Value[];
  readonly attributes: OpAttributes[K];
}
