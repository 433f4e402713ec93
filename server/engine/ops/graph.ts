import { internal } from '../../protocol/errors.ts';
import type { OpAttributes, OpName } from './opTable.ts';
import { outputTypes } from './shapeRules.ts';
import type { DType, Node, Shape, Value } from './value.ts';

export interface Constant extends Value {
  readonly data: Float32Array | BigInt64Array;
}

/**
 * A program under construction: static rank, dynamic sizes by name, types inferred as nodes are added.
 *
 * Parameters differ from inputs in meaning only: they are the model's weights, and it is decided when the program is
 * serialised whether each is fed at every run or mapped from a file.
 */
export class Graph {
  readonly inputs: Value[] = [];
  readonly parameters: Value[] = [];
  readonly constants: Constant[] = [];
  readonly nodes: Node[] = [];
  readonly outputs: { readonly name: string; readonly value: Value }[] = [];
  private readonly names = new Set<string>();
  private readonly constantsByKey = new Map<string, Constant>();
  private readonly nodesByKey = new Map<string, Node>();

  input(name: string, dtype: DType, shape: Shape): Value {
    const value = { name: this.unique(name), dtype, shape };
    this.inputs.push(value);
    return value;
  }

  parameter(name: string, shape: Shape): Value {
    const value: Value = { name: this.unique(name), dtype: 'float32', shape };
    this.parameters.push(value);
    return value;
  }

  /** A small constant stored in the program itself; equal constants are stored once. */
  constant(dtype: 'float32' | 'int64', shape: readonly number[], data: readonly number[]): Value {
    const key = `${dtype}[${shape.join()}]${data.join()}`;
    const known = this.constantsByKey.get(key);
    if (known) return known;
    const stored = dtype === 'float32' ? Float32Array.from(data) : BigInt64Array.from(data, BigInt);
    const value: Constant = { name: this.unique(`constant_${this.constants.length}`), dtype, shape, data: stored };
    this.constants.push(value);
    this.constantsByKey.set(key, value);
    return value;
  }

  /**
   * Adds a node and returns its outputs; `scope` names it after what it belongs to (a gradient after its forward node).
   * Every op is a pure function, so a node equal to one already there is that one.
   */
  add<K extends OpName>(
    op: K,
    inputs: readonly (Value | undefined)[],
    attributes: OpAttributes[K],
    scope?: string,
  ): readonly Value[] {
    const key = `${op}(${inputs.map((v) => v?.name ?? '').join()})${JSON.stringify(attributes)}`;
    const known = this.nodesByKey.get(key);
    if (known) return known.outputs;
    const name = this.unique(scope ?? `${op}_${this.nodes.length}`);
    const types = outputTypes(op, inputs, attributes, name);
    const outputs: Value[] = [];
    const node: Node<K> = { op, name, inputs, outputs, attributes };
    types.forEach((type, i) => outputs.push({ ...type, name: i === 0 ? `${name}:0` : `${name}:${i}`, node: node }));
    this.nodes.push(node);
    this.nodesByKey.set(key, node);
    return outputs;
  }

  /** Makes a value a result of the program under a name of its own. */
  output(name: string, value: Value): void {
    if (this.names.has(name)) throw internal(`The program already has something called "${name}".`);
    this.names.add(name);
    this.outputs.push({ name, value });
  }

  /** Drops all other outputs, and with them what only they need. */
  keepOutputs(names: readonly string[]): void {
    const kept = this.outputs.filter(({ name }) => names.includes(name));
    this.outputs.splice(0, this.outputs.length, ...kept);
  }

  private unique(name: string): string {
    let candidate = name;
    for (let i = 1; this.names.has(candidate); i++) candidate = `${name}_${i}`;
    this.names.add(candidate);
    return candidate;
  }
}
