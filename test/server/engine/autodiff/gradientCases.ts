import type { Emit } from '../../../../server/engine/ops/emit.ts';
import type { OpName } from '../../../../server/engine/ops/opTable.ts';
import type { Value } from '../../../../server/engine/ops/value.ts';
import { internal } from '../../../../server/protocol/errors.ts';
import {
  farOut,
  float32,
  int64,
  offZero,
  positive,
  tensor,
  type GradientCase,
  type GradientInput,
  type Sampler,
} from './gradientCase.ts';

type Build = GradientCase['build'];
const of = (name: string, inputs: Record<string, GradientInput>, build: Build): GradientCase => ({
  name,
  inputs,
  build,
});

/** A named input; the cases below name none that they do not list. */
function get(inputs: Readonly<Record<string, Value>>, name: string): Value {
  const value = inputs[name];
  if (!value) throw internal(`The case has no input ${name}.`);
  return value;
}

function unary(name: string, f: (e: Emit, x: Value) => Value, sampler?: Sampler): GradientCase {
  return of(name, { x: tensor([3, 5], sampler, { 0: 'T' }) }, (e, v) => f(e, get(v, 'x')));
}

/** The six ways in which two inputs broadcast. */
function binary(op: 'Add' | 'Sub' | 'Mul' | 'Div'): readonly GradientCase[] {
  const second = op === 'Div' ? offZero : undefined;
  const rows = { 0: 'T' };
  const build: Build = (e, v) => e[op](get(v, 'a'), get(v, 'b'));
  return [
    of(`${op}/same`, { a: tensor([3, 4], undefined, rows), b: tensor([3, 4], second, rows) }, build),
    of(`${op}/bias`, { a: tensor([3, 4], undefined, rows), b: tensor([4], second) }, build),
    of(`${op}/rows`, { a: tensor([2, 3, 4], undefined, { 1: 'L' }), b: tensor([2, 3, 1], second, { 1: 'L' }) }, build),
    of(`${op}/scalar`, { a: tensor([3, 4], undefined, rows), b: tensor([], second) }, build),
    of(`${op}/first`, { a: tensor([4]), b: tensor([3, 4], second, rows) }, build),
    of(`${op}/both`, { a: tensor([3, 1], undefined, rows), b: tensor([1, 4], second) }, build),
  ];
}

const BITS = [0, 1] as const;
const swap = (transposed: 0 | 1, rows: number, columns: number): readonly number[] =>
  transposed ? [columns, rows] : [rows, columns];

/** One case for each choice of transpositions. */
const transposed = (f: (transA: 0 | 1, transB: 0 | 1) => GradientCase): readonly GradientCase[] =>
  BITS.flatMap((transA) => BITS.map((transB) => f(transA, transB)));

function gemm(name: string, c: GradientInput): GradientCase {
  return of(name, { x: tensor([3, 4], undefined, { 0: 'T' }), y: tensor([4, 5]), c }, (e, v) =>
    e.Gemm(get(v, 'x'), get(v, 'y'), {}, get(v, 'c')),
  );
}

/** Three rows of two heads, as sequences of two tokens and one, in [2, 2 heads, 2] places of which two are padding. */
const TO_PADDED = [0, 2, 1, 3, 4, 0, 5, 0];
const TO_PACKED = [0, 2, 1, 3, 4, 6];
const REAL_PLACES = [1, 1, 1, 1, 1, 0, 1, 0];

const rotaryTable = (f: (angle: number) => number): number[] =>
  Array.from({ length: 7 }, (_, position) => [f(position), f(position * 0.1)]).flat();

/** Every op's cases; the ops whose gradient rule says `none` have none. A forgotten op does not compile. */
export const gradientCases: Readonly<Record<OpName, readonly GradientCase[]>> = {
  Add: binary('Add'),
  Sub: binary('Sub'),
  Mul: binary('Mul'),
  Div: binary('Div'),
  Neg: [unary('Neg', (e, x) => e.Neg(x))],
  Exp: [unary('Exp', (e, x) => e.Exp(x))],
  Log: [unary('Log', (e, x) => e.Log(x), positive)],
  Tanh: [unary('Tanh', (e, x) => e.Tanh(x))],
  Sigmoid: [unary('Sigmoid', (e, x) => e.Sigmoid(x))],
  Erf: [unary('Erf', (e, x) => e.Erf(x))],
  Relu: [unary('Relu', (e, x) => e.Relu(x), offZero)],
  Sqrt: [],
  Greater: [],
  Where: [],
  Cast: [],
  Gemm: [
    ...transposed((transA, transB) =>
      of(
        `Gemm/${transA}${transB}`,
        { x: tensor(swap(transA, 3, 4), undefined, { [transA]: 'T' }), y: tensor(swap(transB, 4, 5)), c: tensor([5]) },
        (e, v) => e.Gemm(get(v, 'x'), get(v, 'y'), { transA, transB }, get(v, 'c')),
      ),
    ),
    of('Gemm/no-bias', { x: tensor([3, 4]), y: tensor([4, 5]) }, (e, v) => e.Gemm(get(v, 'x'), get(v, 'y'))),
    gemm('Gemm/column', tensor([3, 1], undefined, { 0: 'T' })),
    gemm('Gemm/matrix', tensor([3, 5], undefined, { 0: 'T' })),
  ],
  FusedMatMul: [
    ...transposed((transA, transB) =>
      of(
        `FusedMatMul/${transA}${transB}`,
        {
          x: tensor([2, ...swap(transA, 3, 4)], undefined, { 0: 'B' }),
          y: tensor([2, ...swap(transB, 4, 2)], undefined, { 0: 'B' }),
        },
        (e, v) => e.FusedMatMul(get(v, 'x'), get(v, 'y'), { transA, transB, alpha: 0.75 }),
      ),
    ),
    ...transposed((transA, transB) =>
      of(
        `FusedMatMul/broadcast${transA}${transB}`,
        { x: tensor([2, 3, ...swap(transA, 2, 4)], undefined, { 0: 'B' }), y: tensor([3, ...swap(transB, 4, 2)]) },
        (e, v) => e.FusedMatMul(get(v, 'x'), get(v, 'y'), { transA, transB, alpha: -1.5 }),
      ),
    ),
    of('FusedMatMul/one-batch', { x: tensor([2, 1, 2, 3]), y: tensor([1, 2, 3, 2]) }, (e, v) =>
      e.FusedMatMul(get(v, 'x'), get(v, 'y')),
    ),
  ],
  FastGelu: [unary('FastGelu', (e, x) => e.FastGelu(x)), unary('FastGelu/far', (e, x) => e.FastGelu(x), farOut)],
  Gelu: [unary('Gelu', (e, x) => e.Gelu(x)), unary('Gelu/far', (e, x) => e.Gelu(x), farOut)],
  QuickGelu: [
    unary('QuickGelu/silu', (e, x) => e.QuickGelu(x, 1)),
    unary('QuickGelu/alpha', (e, x) => e.QuickGelu(x, 1.702)),
    unary('QuickGelu/far', (e, x) => e.QuickGelu(x, 1), farOut),
  ],
  LayerNormalization: ['', '/3d'].map((suffix) =>
    of(
      `LayerNormalization${suffix}`,
      { x: suffix ? tensor([2, 2, 6]) : tensor([3, 6], undefined, { 0: 'T' }), scale: tensor([6]), bias: tensor([6]) },
      (e, v) => e.LayerNormalization(get(v, 'x'), get(v, 'scale'), get(v, 'bias'), 1e-5),
    ),
  ),
  SimplifiedLayerNormalization: ['', '/3d'].map((suffix) =>
    of(
      `SimplifiedLayerNormalization${suffix}`,
      { x: suffix ? tensor([2, 2, 6]) : tensor([3, 6], undefined, { 0: 'T' }), scale: tensor([6]) },
      (e, v) => e.SimplifiedLayerNormalization(get(v, 'x'), get(v, 'scale'), 1e-5),
    ),
  ),
  Softmax: [
    unary('Softmax', (e, x) => e.Softmax(x)),
    of('Softmax/4d', { x: tensor([2, 1, 2, 3], undefined, { 0: 'B', 3: 'L' }) }, (e, v) => e.Softmax(get(v, 'x'))),
  ],
  LogSoftmax: [unary('LogSoftmax', (e, x) => e.LogSoftmax(x))],
  SoftmaxCrossEntropyLoss: [undefined, (random: Parameters<Sampler>[0]) => 2 * farOut(random)].map((sampler) =>
    of(`SoftmaxCrossEntropyLoss${sampler ? '/wide' : ''}`, { x: tensor([3, 5], sampler) }, (e, v) =>
      e.SoftmaxCrossEntropyLoss(get(v, 'x'), int64(e, [4, 0, 2], 3, 1)),
    ),
  ),
  ReduceSum: [
    of('ReduceSum/last', { x: tensor([3, 4], undefined, { 1: 'L' }) }, (e, v) => e.ReduceSum(get(v, 'x'), -1)),
    of('ReduceSum/two', { x: tensor([2, 3, 4], undefined, { 0: 'B' }) }, (e, v) => e.ReduceSum(get(v, 'x'), 0, 2)),
  ],
  ReduceMean: [
    of('ReduceMean/last', { x: tensor([3, 4], undefined, { 0: 'T' }) }, (e, v) => e.ReduceMean(get(v, 'x'), -1)),
    of('ReduceMean/two', { x: tensor([2, 3, 4]) }, (e, v) => e.ReduceMean(get(v, 'x'), 1, 2)),
  ],
  ReduceSumSquare: [],
  Detach: [],
  ArgMax: [],
  Reshape: [
    of('Reshape', { x: tensor([3, 4], undefined, { 0: 'T' }) }, (e, v) => {
      const y = e.Reshape(get(v, 'x'), 'T', 2, 2);
      return e.Mul(y, y);
    }),
  ],
  Transpose: [
    of('Transpose', { x: tensor([2, 3, 4], undefined, { 1: 'L' }) }, (e, v) => e.Transpose(get(v, 'x'), 2, 0, 1)),
  ],
  Concat: [
    of(
      'Concat',
      {
        a: tensor([2, 3], undefined, { 0: 'T' }),
        b: tensor([2, 1], undefined, { 0: 'T' }),
        c: tensor([2, 2], undefined, { 0: 'T' }),
      },
      (e, v) => e.Concat(1, get(v, 'a'), get(v, 'b'), get(v, 'c')),
    ),
  ],
  SplitFirst: [],
  Split: [
    of('Split', { x: tensor([3, 4], undefined, { 0: 'T' }) }, (e, v) => {
      const [left, right] = e.Split(get(v, 'x'), 1, 2, 2) as [Value, Value];
      return e.Mul(left, right);
    }),
    of('Split/unused', { x: tensor([3, 5], undefined, { 0: 'T' }) }, (e, v) => {
      const [left, , right] = e.Split(get(v, 'x'), 1, 2, 1, 2) as [Value, Value, Value];
      return e.Mul(left, right);
    }),
  ],
  Gather: [
    of('Gather', { x: tensor([4, 3]) }, (e, v) => e.Gather(get(v, 'x'), int64(e, [2, 0, 2, 2, 1], 5))),
    of('Gather/matrix', { x: tensor([4, 3]) }, (e, v) => e.Gather(get(v, 'x'), int64(e, [1, 1, 0, 3], 2, 2))),
  ],
  GatherRows: [
    of('GatherRows/padding', { x: tensor([3, 2, 3], undefined, { 0: 'T' }) }, (e, v) => {
      const padded = e.GatherRows(get(v, 'x'), int64(e, TO_PADDED, 2, 2, 2), int64(e, TO_PACKED, 3, 2));
      return e.Mul(padded, float32(e, REAL_PLACES, 2, 2, 2, 1));
    }),
    of('GatherRows/packing', { x: tensor([2, 2, 2, 3]) }, (e, v) => {
      // Padding places must not reach a result, so that what their gradient row holds is multiplied by zero.
      const real = e.Mul(get(v, 'x'), float32(e, REAL_PLACES, 2, 2, 2, 1));
      return e.GatherRows(real, int64(e, TO_PACKED, 3, 2), int64(e, TO_PADDED, 2, 2, 2));
    }),
  ],
  GatherElements: [
    of('GatherElements', { x: tensor([3, 4], undefined, { 0: 'T' }) }, (e, v) =>
      e.GatherElements(get(v, 'x'), int64(e, [2, 0, 2], 3, 1)),
    ),
  ],
  ScatterElements: [],
  ScatterND: [],
  ZerosLike: [],
  After: [],
  RotaryEmbedding: [
    of('RotaryEmbedding', { x: tensor([3, 1, 8], undefined, { 0: 'T' }) }, (e, v) => {
      const [cos, sin] = [float32(e, rotaryTable(Math.cos), 7, 2), float32(e, rotaryTable(Math.sin), 7, 2)];
      return e.RotaryEmbedding(get(v, 'x'), int64(e, [0, 5, 3], 3, 1), cos, sin, 2);
    }),
  ],
};

/** What the walker does between the rules: contributions of several uses added up, dense and by rows. */
export const accumulationCases: readonly GradientCase[] = [
  of('several uses', { x: tensor([3, 4], undefined, { 0: 'T' }) }, (e, v) => {
    const x = get(v, 'x');
    return e.Sub(e.Add(e.Mul(x, x), e.Mul(e.Exp(x), x)), x);
  }),
  of('tied embedding', { x: tensor([4, 3]) }, (e, v) => {
    const x = get(v, 'x');
    return e.Gemm(e.Gather(x, int64(e, [2, 0, 2], 3)), x, { transB: 1 });
  }),
  of('two embeddings', { x: tensor([4, 3]) }, (e, v) => {
    const x = get(v, 'x');
    return e.Mul(e.Gather(x, int64(e, [2, 0], 2)), e.Gather(x, int64(e, [2, 1], 2)));
  }),
];
