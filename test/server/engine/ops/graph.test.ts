import assert from 'node:assert/strict';
import { Graph } from '../../../../server/engine/ops/graph.ts';
import { Emit } from '../../../../server/engine/ops/emit.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { floats, runGraph } from '../onnx/runGraph.ts';

describe('Graph', () => {
  it('writes equal nodes once', () => {
    const graph = new Graph();
    const e = new Emit(graph);
    const x = graph.input('x', 'float32', ['T', 4]);
    const [first, second] = [e.Exp(e.Neg(x)), e.Exp(e.Neg(x))];
    assert.equal(first, second);
    assert.deepEqual(
      graph.nodes.map((n) => n.op),
      ['Neg', 'Exp'],
    );
  });

  it('keeps nodes apart that differ in input order, attribute or op', () => {
    const graph = new Graph();
    const e = new Emit(graph);
    const [x, y] = [graph.input('x', 'float32', [2, 2]), graph.input('y', 'float32', [2, 2])];
    const values = [
      e.Sub(x, y),
      e.Sub(y, x),
      e.Gemm(x, y),
      e.Gemm(x, y, { transB: 1 }),
      e.ReduceSum(x, 0),
      e.ReduceSum(x, 1),
    ];
    assert.equal(new Set(values).size, values.length);
    assert.equal(graph.nodes.length, values.length);
  });

  it('writes equal nodes once whatever scope asks for them', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    assert.equal(new Emit(graph).within('a').Exp(x), new Emit(graph).within('b').Exp(x));
  });

  it('stores equal constants once, and tells types and shapes apart', () => {
    const graph = new Graph();
    const one = graph.constant('float32', [], [1]);
    assert.equal(graph.constant('float32', [], [1]), one);
    for (const other of [graph.constant('int64', [], [1]), graph.constant('float32', [1], [1])])
      assert.notEqual(other, one);
    assert.equal(graph.constants.length, 3);
  });

  it('leaves out a factor that is the constant 1', () => {
    const graph = new Graph();
    const e = new Emit(graph);
    const x = graph.input('x', 'float32', ['T']);
    assert.equal(e.Mul(x, e.scalar(1)), x);
    assert.equal(e.Mul(e.scalar(1), x), x);
    assert.equal(graph.nodes.length, 0);
  });

  it('names nodes after their scope, each differently', () => {
    const graph = new Graph();
    const e = new Emit(graph).within('layer');
    const x = graph.input('x', 'float32', ['T']);
    e.Add(e.Exp(x), e.Exp(e.Neg(x)));
    assert.deepEqual(
      graph.nodes.map((n) => n.name),
      ['layer/Exp', 'layer/Neg', 'layer/Exp_1', 'layer/Add'],
    );
  });

  it('refuses an output whose name is taken by an input, a parameter or another output', () => {
    const graph = new Graph();
    const x = graph.input('x', 'float32', [2]);
    graph.parameter('w', [2]);
    graph.output('y', x);
    for (const name of ['x', 'w', 'y']) {
      assert.throws(
        () => graph.output(name, x),
        (error) => error instanceof RankscopeError && error.code === 'internal' && error.message.includes(`"${name}"`),
      );
    }
  });

  it('gives one value under two names', async () => {
    const graph = new Graph();
    const y = new Emit(graph).Neg(graph.input('x', 'float32', [2]));
    graph.output('a', y);
    graph.output('b', y);
    const results = await runGraph(graph, { x: floats([1, -2], 2) });
    assert.deepEqual([...results.floats('a')], [-1, 2]);
    assert.deepEqual([...results.floats('b')], [-1, 2]);
  });
});
