import { internal } from '../../protocol/errors.ts';
import type { Dim, DType, Shape, Value, ValueType } from './value.ts';
import type { OpAttributes, OpName } from './opTable.ts';

/** From input types and attributes to output types; throws when they do not fit. */
type ShapeRule<K extends OpName> = (inputs: Inputs, attributes: OpAttributes[K]) => readonly ValueType[];

/** The inputs of a node, by position; asking for one that is not there is a fault of the program's author. */
class Inputs {
  private readonly values: readonly (Value | undefined)[];
  private readonly node: string;

  constructor(values: readonly (Value | undefined)[], node: string) {
    this.values = values;
    this.node = node;
  }

  at(index: number): Value {
    const value = this.values[index];
    if (!value) throw this.fault(`input ${index} is missing`);
    return value;
  }

  optional(index: number): Value | undefined {
    return this.values[index];
  }

  all(): readonly Value[] {
    return this.values.map((_, i) => this.at(i));
  }

  dim(index: number, axis: number): Dim {
    const { shape } = this.at(index);
    const size = shape[axis < 0 ? shape.length + axis : axis];
    if (size === undefined) throw this.fault(`input ${index} [${shape.join()}] has no axis ${axis}`);
    return size;
  }

  fault(what: string): Error {
    return internal(`Program node ${this.node}: ${what}.`);
  }
}

export function outputTypes<K extends OpName>(
  op: K,
  inputs: readonly (Value | undefined)[],
  attributes: OpAttributes[K],
  node: string,
): readonly ValueType[] {
  return shapeRules[op](new Inputs(inputs, node), attributes);
}

/** Numpy broadcasting; two different symbols do not broadcast, since nothing says that they are equal. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length);
  const result: Dim[] = [];
  for (let i = 0; i < rank; i++) {
    const x = a[a.length - rank + i] ?? 1;
    const y = b[b.length - rank + i] ?? 1;
    if (x !== y && x !== 1 && y !== 1) return undefined;
    result.push(x === 1 ? y : x);
  }
  return result;
}

function broadcast(inputs: Inputs, ...which: readonly number[]): Shape {
  return which
    .map((i) => inputs.at(i).shape)
    .reduce((a, b) => {
      const shape = broadcastShapes(a, b);
      if (!shape) throw inputs.fault(`[${a.join()}] and [${b.join()}] do not broadcast`);
      return shape;
    });
}

const unary = (inputs: Inputs): readonly ValueType[] => [typeOf(inputs.at(0))];
const binary = (inputs: Inputs): readonly ValueType[] => [of(inputs.at(0).dtype, broadcast(inputs, 0, 1))];

const typeOf = ({ dtype, shape }: Value): ValueType => ({ dtype, shape });
const of = (dtype: DType, shape: Shape): ValueType => ({ dtype, shape });
const normalise = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

function reduce(inputs: Inputs, { axes }: OpAttributes['ReduceSum']): readonly ValueType[] {
  const { dtype, shape } = inputs.at(0);
  const reduced = new Set(axes.map((a) => normalise(a, shape.length)));
  return [
    of(
      dtype,
      shape.map((d, i) => (reduced.has(i) ? 1 : d)),
    ),
  ];
}

function gemm(inputs: Inputs, { transA = 0, transB = 0 }: OpAttributes['Gemm']): readonly ValueType[] {
  const [m, k] = [inputs.dim(0, transA ? 1 : 0), inputs.dim(0, transA ? 0 : 1)];
  const [k2, n] = [inputs.dim(1, transB ? 1 : 0), inputs.dim(1, transB ? 0 : 1)];
  if (inputs.at(0).shape.length !== 2 || inputs.at(1).shape.length !== 2) throw inputs.fault('Gemm takes matrices');
  if (k !== k2) throw inputs.fault(`inner sizes ${k} and ${k2} differ`);
  const added = inputs.optional(2);
  if (added && broadcastShapes([m, n], added.shape)?.join() !== [m, n].join()) {
    throw inputs.fault(`[${added.shape.join()}] cannot be added to [${m},${n}]`);
  }
  return [of(inputs.at(0).dtype, [m, n])];
}

function matMul(inputs: Inputs, { transA = 0, transB = 0 }: OpAttributes['FusedMatMul']): readonly ValueType[] {
  const [a, b] = [inputs.at(0), inputs.at(1)];
  const [m, k] = [inputs.dim(0, transA ? -1 : -2), inputs.dim(0, transA ? -2 : -1)];
  const [k2, n] = [inputs.dim(1, transB ? -1 : -2), inputs.dim(1, transB ? -2 : -1)];
  if (k !== k2) throw inputs.fault(`inner sizes ${k} and ${k2} differ`);
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (!batch) throw inputs.fault(`batches [${a.shape.join()}] and [${b.shape.join()}] do not broadcast`);
  return [of(a.dtype, [...batch, m, n])];
}

function normalisation(inputs: Inputs, outputs: number): readonly ValueType[] {
  const { dtype, shape } = inputs.at(0);
  if (inputs.dim(1, 0) !== inputs.dim(0, -1)) throw inputs.fault('the scale does not fit the last axis');
  const statistics = of('float32', [...shape.slice(0, -1), 1]);
  return [of(dtype, shape), ...Array.from({ length: outputs - 1 }, () => statistics)];
}

function concat(inputs: Inputs, { axis }: OpAttributes['Concat']): readonly ValueType[] {
  const { dtype, shape } = inputs.at(0);
  const at = normalise(axis, shape.length);
  const sizes = inputs.all().map((part, i) => {
    if (replaceAxis(part.shape, at, []).join() !== replaceAxis(shape, at, []).join()) {
      throw inputs.fault(`input ${i} [${part.shape.join()}] does not continue [${shape.join()}]`);
    }
    return inputs.dim(i, at);
  });
  return [
    of(
      dtype,
      shape.map((d, i) => (i === at ? sumDims(sizes) : d)),
    ),
  ];
}

/** The sum of sizes; of symbols, a symbol that spells the sum. */
function sumDims(sizes: readonly Dim[]): Dim {
  const known = sizes.filter((s) => typeof s === 'number').reduce((a, b) => a + b, 0);
  const symbols = sizes.filter((s) => typeof s === 'string');
  return symbols.length === 0 ? known : [...symbols, ...(known ? [known] : [])].join('+');
}

function replaceAxis(shape: Shape, axis: number, by: Shape): Shape {
  const at = normalise(axis, shape.length);
  return [...shape.slice(0, at), ...by, ...shape.slice(at + 1)];
}

function split(inputs: Inputs, { axis, sizes }: OpAttributes['Split']): readonly ValueType[] {
  const { dtype, shape } = inputs.at(0);
  const size = inputs.dim(0, axis);
  if (typeof size === 'number' && size !== sizes.reduce((a, b) => a + b, 0)) {
    throw inputs.fault(`sizes ${sizes.join('+')} do not add up to ${size}`);
  }
  return sizes.map((s) => of(dtype, replaceAxis(shape, axis, [s])));
}

function gather(inputs: Inputs): readonly ValueType[] {
  const [data, index] = [inputs.at(0), inputs.at(1)];
  return [of(data.dtype, [...index.shape, ...data.shape.slice(1)])];
}

function rotary(inputs: Inputs, { heads }: OpAttributes['RotaryEmbedding']): readonly ValueType[] {
  const [width, half] = [inputs.dim(0, -1), inputs.dim(2, -1)];
  if (width !== heads * Number(half) * 2) throw inputs.fault(`${heads} heads of ${half} pairs do not make ${width}`);
  return unary(inputs);
}

const symbols = (shape: Shape): string =>
  shape
    .filter((d) => typeof d === 'string')
    .toSorted()
    .join();
const elements = (shape: Shape): number => shape.filter((d) => typeof d === 'number').reduce((a, b) => a * b, 1);

function reshape(inputs: Inputs, { shape }: OpAttributes['Reshape']): readonly ValueType[] {
  const source = inputs.at(0);
  const unknown = shape.filter((d, i) => typeof d === 'string' && d !== source.shape[i]);
  if (unknown.length > 1) throw inputs.fault(`[${shape.join()}] has two sizes that cannot be inferred`);
  if (symbols(shape) === symbols(source.shape) && elements(shape) !== elements(source.shape)) {
    throw inputs.fault(`[${source.shape.join()}] cannot be read as [${shape.join()}]`);
  }
  return [of(source.dtype, shape)];
}

const shapeRules: { readonly [K in OpName]: ShapeRule<K> } = {
  Add: binary,
  Sub: binary,
  Mul: binary,
  Div: binary,
  Neg: unary,
  Exp: unary,
  Log: unary,
  Tanh: unary,
  Sigmoid: unary,
  Erf: unary,
  Relu: unary,
  Sqrt: unary,
  Greater: (inputs) => [of('bool', broadcast(inputs, 0, 1))],
  Where: (inputs) => [of(inputs.at(1).dtype, broadcast(inputs, 0, 1, 2))],
  Cast: (inputs, { to }) => [of(to, inputs.at(0).shape)],
  Gemm: gemm,
  FusedMatMul: matMul,
  FastGelu: unary,
  Gelu: unary,
  QuickGelu: unary,
  LayerNormalization: (inputs) => normalisation(inputs, 3),
  SimplifiedLayerNormalization: (inputs) => normalisation(inputs, 2),
  Softmax: unary,
  LogSoftmax: unary,
  SoftmaxCrossEntropyLoss: (inputs) => [of('float32', inputs.at(1).shape), typeOf(inputs.at(0))],
  ReduceSum: reduce,
  ReduceMean: reduce,
  ReduceSumSquare: reduce,
  Detach: unary,
  ArgMax: (inputs) => [of('int64', [...inputs.at(0).shape.slice(0, -1), 1])],
  Reshape: reshape,
  Transpose: (inputs, { perm }) => [
    of(
      inputs.at(0).dtype,
      perm.map((axis) => inputs.dim(0, axis)),
    ),
  ],
  Concat: concat,
  Split: split,
  SplitFirst: (inputs, { axis }) => {
    const { dtype, shape } = inputs.at(0);
    const size = inputs.dim(0, axis);
    // `C+1` less one is `C` again: see sumDims.
    const left = typeof size === 'number' ? size - 1 : size.endsWith('+1') ? size.slice(0, -2) : `${size}-1`;
    return [of(dtype, replaceAxis(shape, axis, [1])), of(dtype, replaceAxis(shape, axis, [left]))];
  },
  Gather: gather,
  GatherRows: (inputs) => [of(inputs.at(0).dtype, [...inputs.at(1).shape, inputs.dim(0, -1)])],
  GatherElements: (inputs) => [of(inputs.at(0).dtype, inputs.at(1).shape)],
  ScatterElements: unary,
  ScatterND: unary,
  ZerosLike: unary,
  After: unary,
  RotaryEmbedding: rotary,
};
