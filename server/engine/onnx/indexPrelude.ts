import { internal } from '../../protocol/errors.ts';
import type { Constant, Graph } from '../ops/graph.ts';
import type { AnyTensor, HostTensor } from './runtime.ts';
import type { Node, Value } from '../ops/value.ts';

/**
 * Devices look rows up by int64 indices but have no kernels to compute such. What programs do to indices (another shape,
 * an offset) depends on what is fed alone, so it is done before the run, and its results are fed in its stead.
 */
export class IndexPrelude {
  /** Nodes that are computed here, in order. */
  readonly nodes: readonly Node[];
  private readonly constants: ReadonlyMap<string, Constant>;

  constructor(graph: Graph) {
    this.constants = new Map(graph.constants.map((c) => [c.name, c]));
    const known = new Set<Value>([...graph.inputs, ...graph.constants].filter(({ dtype }) => dtype === 'int64'));
    this.nodes = graph.nodes.filter((node) => {
      const here = (node.op === 'Reshape' || node.op === 'Add') && node.inputs.every((v) => v && known.has(v));
      if (here) for (const output of node.outputs) known.add(output);
      return here;
    });
  }

  /** The feeds, and the results of the nodes for them. */
  extend(feeds: ReadonlyMap<string, AnyTensor>): ReadonlyMap<string, AnyTensor> {
    if (this.nodes.length === 0) return feeds;
    const all = new Map<string, AnyTensor>(feeds);
    for (const node of this.nodes) {
      const [a, b] = node.inputs.map((v) => this.tensor(all, v));
      const [output] = node.outputs;
      // What was not fed is complained of by the program, if it needs it.
      if (!a || !output) continue;
      if (isReshape(node)) all.set(output.name, reshape(a, node));
      else if (b) all.set(output.name, add(a, b));
    }
    return all;
  }

  private tensor(feeds: ReadonlyMap<string, AnyTensor>, value: Value | undefined): HostTensor | undefined {
    if (!value) return undefined;
    const constant = this.constants.get(value.name);
    if (constant) return { data: constant.data, dims: constant.shape.map(Number) };
    const fed = feeds.get(value.name);
    return fed && 'data' in fed ? fed : undefined;
  }
}

const isReshape = (node: Node): node is Node<'Reshape'> => node.op === 'Reshape';

function reshape({ data, dims }: HostTensor, { name, attributes, inputs }: Node<'Reshape'>): HostTensor {
  const source = inputs[0]?.shape ?? [];
  const sizes = attributes.shape.map((d, i) => (typeof d === 'number' ? d : d === source[i] ? dims[i] : undefined));
  const known = sizes.reduce<number>((product, size) => product * (size ?? 1), 1);
  const shape = sizes.map((size) => size ?? data.length / known);
  if (!shape.every(Number.isInteger) || shape.reduce((x, y) => x * y, 1) !== data.length)
    throw internal(`${name}: [${dims.join()}] does not fit.`);
  return { data, dims: shape };
}

/** Of equal shapes, or with a single number. */
function add(a: HostTensor, b: HostTensor): HostTensor {
  const [x, y] = a.data.length >= b.data.length ? [a, b] : [b, a];
  if (!(x.data instanceof BigInt64Array && y.data instanceof BigInt64Array)) throw internal('Indices are int64.');
  if (y.data.length !== 1 && y.data.length !== x.data.length) throw internal('Indices of two shapes are added.');
  const terms = y.data;
  const single = terms.length === 1;
  return { data: x.data.map((v, i) => v + (terms[single ? 0 : i] ?? 0n)), dims: x.dims };
}
