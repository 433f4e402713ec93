import assert from 'node:assert/strict';
import { Graph } from '../../../../server/engine/ops/graph.ts';
import type { Shape, Value } from '../../../../server/engine/ops/value.ts';
import { Emit } from '../../../../server/engine/ops/emit.ts';
import { broadcastShapes } from '../../../../server/engine/ops/shapeRules.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';

type Write = (e: Emit, ...inputs: readonly Value[]) => Value | readonly Value[];

/** Shapes of what an op gives for inputs of the shapes; `i:` before one makes it int64. */
function shapes(inputs: readonly (Shape | { readonly int64: Shape })[], write: Write): readonly Shape[] {
  const graph = new Graph();
  const values = inputs.map((input, i) =>
    'int64' in input ? graph.input(`x${i}`, 'int64', input.int64) : graph.input(`x${i}`, 'float32', input),
  );
  const result = write(new Emit(graph), ...values);
  return (Array.isArray(result) ? (result as readonly Value[]) : [result as Value]).map((v) => v.shape);
}

const given: readonly [string, Parameters<typeof shapes>[0], Write, readonly Shape[]][] = [
  ['Add of a bias', [['T', 4], [4]], (e, a, b) => e.Add(a, b), [['T', 4]]],
  [
    'Mul of rows and a row',
    [
      ['T', 1],
      [1, 4],
    ],
    (e, a, b) => e.Mul(a, b),
    [['T', 4]],
  ],
  ['Greater than a scalar', [['T', 4], []], (e, a, b) => e.Greater(a, b), [['T', 4]]],
  [
    'Where, between rows and a scalar',
    [
      ['T', 4],
      ['T', 4],
    ],
    (e, a, b) => e.Where(e.Greater(a, e.scalar(0)), b, e.scalar(0)),
    [['T', 4]],
  ],
  [
    'Gemm',
    [
      ['T', 3],
      [3, 5],
    ],
    (e, a, b) => e.Gemm(a, b),
    [['T', 5]],
  ],
  [
    'Gemm, both transposed',
    [
      [3, 'T'],
      [5, 3],
    ],
    (e, a, b) => e.Gemm(a, b, { transA: 1, transB: 1 }),
    [['T', 5]],
  ],
  [
    'Gemm over rows',
    [
      ['T', 3],
      ['T', 5],
    ],
    (e, a, b) => e.Gemm(a, b, { transA: 1 }),
    [[3, 5]],
  ],
  [
    'FusedMatMul, batched',
    [
      ['B', 3, 'L', 4],
      ['B', 3, 'L', 4],
    ],
    (e, a, b) => e.FusedMatMul(a, b, { transB: 1 }),
    [['B', 3, 'L', 'L']],
  ],
  [
    'FusedMatMul, broadcast',
    [
      ['B', 3, 2, 4],
      [3, 4, 5],
    ],
    (e, a, b) => e.FusedMatMul(a, b),
    [['B', 3, 2, 5]],
  ],
  [
    'LayerNormalization',
    [['T', 6], [6], [6]],
    (e, x, s, b) => e.LayerNormalization(x, s, b, 1e-5).node!.outputs,
    [
      ['T', 6],
      ['T', 1],
      ['T', 1],
    ],
  ],
  [
    'SimplifiedLayerNormalization',
    [['T', 6], [6]],
    (e, x, s) => e.SimplifiedLayerNormalization(x, s, 1e-5).node!.outputs,
    [
      ['T', 6],
      ['T', 1],
    ],
  ],
  [
    'SoftmaxCrossEntropyLoss',
    [['N', 50], { int64: ['N', 1] }],
    (e, x, l) => e.SoftmaxCrossEntropyLoss(x, l).node!.outputs,
    [
      ['N', 1],
      ['N', 50],
    ],
  ],
  ['ReduceSum of negative axes', [['B', 3, 4]], (e, x) => e.ReduceSum(x, -1, -3), [[1, 3, 1]]],
  ['ReduceSumSquare', [[5, 4]], (e, x) => e.ReduceSumSquare(x, 0), [[1, 4]]],
  ['Detach', [['T', 4]], (e, x) => e.Detach(x), [['T', 4]]],
  ['ArgMax', [['N', 50]], (e, x) => e.ArgMax(x), [['N', 1]]],
  ['Reshape', [['T', 6]], (e, x) => e.Reshape(x, 'T', 2, 3), [['T', 2, 3]]],
  ['Reshape that infers a size', [['B', 2, 'L', 6]], (e, x) => e.Reshape(x, 'B', 2, 'M', 3), [['B', 2, 'M', 3]]],
  ['Transpose', [['T', 2, 3]], (e, x) => e.Transpose(x, 2, 0, 1), [[3, 'T', 2]]],
  [
    'Concat',
    [
      ['T', 2],
      ['T', 3],
    ],
    (e, a, b) => e.Concat(1, a, b),
    [['T', 5]],
  ],
  [
    'Concat along a symbol',
    [
      [1, 1],
      [1, 'C'],
    ],
    (e, a, b) => e.Concat(1, a, b),
    [[1, 'C+1']],
  ],
  [
    'SplitFirst of a sum',
    [['T', 'C+1']],
    (e, x) => e.SplitFirst(x, 1),
    [
      ['T', 1],
      ['T', 'C'],
    ],
  ],
  [
    'SplitFirst of a size',
    [['T', 5]],
    (e, x) => e.SplitFirst(x, 1),
    [
      ['T', 1],
      ['T', 4],
    ],
  ],
  [
    'Split',
    [['T', 6]],
    (e, x) => e.Split(x, 1, 1, 2, 3),
    [
      ['T', 1],
      ['T', 2],
      ['T', 3],
    ],
  ],
  ['Gather', [[50, 8], { int64: ['T'] }], (e, x, i) => e.Gather(x, i), [['T', 8]]],
  [
    'GatherRows',
    [['T', 2, 8], { int64: ['B', 2, 'L'] }, { int64: ['T', 2] }],
    (e, x, i, j) => e.GatherRows(x, i, j),
    [['B', 2, 'L', 8]],
  ],
  ['GatherElements', [['N', 50], { int64: ['N', 1] }], (e, x, i) => e.GatherElements(x, i), [['N', 1]]],
  [
    'RotaryEmbedding',
    [['T', 1, 8], { int64: ['T', 1] }, [9, 2], [9, 2]],
    (e, x, p, c, s) => e.RotaryEmbedding(x, p, c, s, 2),
    [['T', 1, 8]],
  ],
];

const refused: readonly [string, Parameters<typeof shapes>[0], Write, RegExp][] = [
  [
    'a sum that does not fit a product',
    [['T', 3], [3, 5], [4]],
    (e, a, b, c) => e.Gemm(a, b, {}, c),
    /\[4\] cannot be added to \[T,5\]/,
  ],
  [
    'a sum that would widen a product',
    [
      [1, 3],
      [3, 5],
      ['T', 5],
    ],
    (e, a, b, c) => e.Gemm(a, b, {}, c),
    /\[T,5\] cannot be added to \[1,5\]/,
  ],
  [
    'a reshape of rows to other rows',
    [['T', 6]],
    (e, x) => e.Reshape(x, 'T', 2, 2),
    /\[T,6\] cannot be read as \[T,2,2\]/,
  ],
  ['sizes that do not broadcast', [['T', 4], [3]], (e, a, b) => e.Add(a, b), /\[T,4\] and \[3\] do not broadcast/],
  [
    'two symbols, which nothing says are equal',
    [
      ['T', 4],
      ['N', 4],
    ],
    (e, a, b) => e.Add(a, b),
    /\[T,4\] and \[N,4\]/,
  ],
  [
    'inner sizes that differ',
    [
      ['T', 3],
      [4, 5],
    ],
    (e, a, b) => e.Gemm(a, b),
    /inner sizes 3 and 4 differ/,
  ],
  [
    'Gemm of a batch',
    [
      ['B', 2, 3],
      [3, 5],
    ],
    (e, a, b) => e.Gemm(a, b),
    /Gemm takes matrices/,
  ],
  [
    'batches that do not broadcast',
    [
      [2, 3, 4],
      [3, 4, 5],
    ],
    (e, a, b) => e.FusedMatMul(a, b),
    /batches \[2,3,4\] and \[3,4,5\]/,
  ],
  [
    'inner sizes that differ in a batch',
    [
      [2, 3, 4],
      [2, 3, 5],
    ],
    (e, a, b) => e.FusedMatMul(a, b),
    /inner sizes 4 and 3/,
  ],
  [
    'a scale of another width',
    [['T', 6], [5]],
    (e, x, s) => e.SimplifiedLayerNormalization(x, s, 1e-5),
    /the scale does not fit/,
  ],
  ['parts that do not add up', [['T', 6]], (e, x) => e.Split(x, 1, 2, 3), /sizes 2\+3 do not add up to 6/],
  ['two sizes to infer', [['T', 6]], (e, x) => e.Reshape(x, 'A', 'B'), /\[A,B\] has two sizes/],
  [
    'a reshape to another number of elements',
    [[4, 6]],
    (e, x) => e.Reshape(x, 5, 5),
    /\[4,6\] cannot be read as \[5,5\]/,
  ],
  ['an axis that is not there', [['T', 6]], (e, x) => e.Split(x, 2, 3, 3), /input 0 \[T,6\] has no axis 2/],
  [
    'heads that do not fill the width',
    [['T', 1, 8], { int64: ['T', 1] }, [9, 2], [9, 2]],
    (e, x, p, c, s) => e.RotaryEmbedding(x, p, c, s, 3),
    /3 heads of 2 pairs do not make 8/,
  ],
  [
    'parts of different other sizes',
    [
      ['T', 2, 4],
      ['T', 3, 5],
    ],
    (e, a, b) => e.Concat(1, a, b),
    /input 1 \[T,3,5\] does not continue \[T,2,4\]/,
  ],
];

describe('shape rules', () => {
  for (const [name, inputs, write, expected] of given) {
    it(`${name}: ${expected.map((s) => `[${s.join()}]`).join(', ')}`, () =>
      assert.deepEqual(shapes(inputs, write), expected));
  }

  for (const [name, inputs, write, message] of refused) {
    it(`refuse ${name}, naming the node`, () => {
      assert.throws(
        () => shapes(inputs, write),
        (error) =>
          error instanceof RankscopeError &&
          error.code === 'internal' &&
          /Program node \w+_0: /.test(error.message) &&
          message.test(error.message),
      );
    });
  }

  it('refuse a node that lacks an input', () => {
    const graph = new Graph();
    assert.throws(() => graph.add('Add', [graph.input('x', 'float32', [1]), undefined], {}), /input 1 is missing/);
  });

  it('broadcast as numpy does', () => {
    assert.deepEqual(broadcastShapes([2, 1, 3], [4, 1]), [2, 4, 3]);
    assert.deepEqual(broadcastShapes([], ['T']), ['T']);
    assert.equal(broadcastShapes(['T'], [3]), undefined);
  });
});
