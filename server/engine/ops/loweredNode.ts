import type { Node } from './value.ts';
import type { OpName } from './opTable.ts';

/** A node as ONNX spells it. */
export interface LoweredNode {
  readonly op: string;
  readonly domain: '' | 'com.microsoft';
  readonly name: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** bigint: INT; number: FLOAT; string: STRING; list: INTS. */
  readonly attributes: Readonly<Record<string, bigint | number | string | readonly bigint[]>>;
  /** Tensors stored in the program that the node takes as inputs. */
  readonly constants: readonly LoweredConstant[];
}

/** A one-dimensional int64 tensor, or a float32 scalar. */
export type LoweredConstant =
  { readonly name: string; readonly data: readonly number[] } | { readonly name: string; readonly scalar: number };

export type Attributes = LoweredNode['attributes'];
export type Lowering<K extends OpName> = (node: Node<K>) => readonly LoweredNode[];

/** The node as ONNX has it: same name, inputs and outputs, unless `parts` says otherwise. */
export function write(
  node: Node,
  attributes: Attributes = {},
  parts: Partial<LoweredNode> = {},
): readonly LoweredNode[] {
  const inputs = node.inputs.map((v) => v?.name ?? '');
  const outputs = node.outputs.map((v) => v.name);
  return [{ op: node.op, domain: '', name: node.name, inputs, outputs, attributes, constants: [], ...parts }];
}

/** A node of ONNX itself with one output. */
export function step(
  op: string,
  name: string,
  inputs: readonly string[],
  output: string,
  attributes: Attributes = {},
  constants: readonly LoweredConstant[] = [],
): LoweredNode {
  return { op, domain: '', name, inputs, outputs: [output], attributes, constants };
}

/** A Reshape to a fixed shape, in which 0 copies a size and -1 infers one. */
export function reshape(name: string, input: string, shape: readonly number[], output = name): LoweredNode {
  const list = `${name}/list`;
  return step('Reshape', name, [input, list], output, {}, [{ name: list, data: shape }]);
}

/** Spells one node as several: each step's output is named after the node and the step, the last one's is given. */
export class Steps {
  readonly nodes: LoweredNode[] = [];
  private readonly node: string;

  constructor(node: Node) {
    this.node = node.name;
  }

  /** Adds a step and returns its output's name; `output` is given where that is an output of the node. */
  add(
    op: string,
    inputs: readonly (string | number)[],
    output?: string,
    attributes: Attributes = {},
    axes?: readonly number[],
  ): string {
    const name = `${this.node}/${this.nodes.length}.${op}`;
    const constants: LoweredConstant[] = [];
    const named = inputs.map((input, i) => {
      if (typeof input === 'string') return input;
      constants.push({ name: `${name}/${i}`, scalar: input });
      return `${name}/${i}`;
    });
    if (axes) {
      constants.push({ name: `${name}/axes`, data: axes });
      named.push(`${name}/axes`);
    }
    const result = output ?? `${name}:0`;
    this.nodes.push(step(op, name, named, result, attributes, constants));
    return result;
  }
}
