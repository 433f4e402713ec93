import assert from 'node:assert/strict';
import { Graph } from '../../../../server/engine/ops/graph.ts';
import { resultsInOrder } from '../../../../server/engine/ops/resultsInOrder.ts';
import { Emit } from '../../../../server/engine/ops/emit.ts';
import { floats, runGraph } from '../onnx/runGraph.ts';

describe('resultsInOrder', () => {
  it('puts what gives results alone at the end, the first written last, and changes no result', async () => {
    const graph = new Graph();
    const e = new Emit(graph);
    const x = graph.input('x', 'float32', ['n']);
    const first = e.Neg(x);
    const shared = e.Add(x, x);
    const second = e.Mul(shared, x);
    for (const [name, value] of [
      ['second', second],
      ['shared', shared],
      ['first', first],
    ] as const)
      graph.output(name, value);
    resultsInOrder(graph);
    assert.deepEqual(
      graph.nodes.map(({ op }) => op),
      ['Add', 'Mul', 'Neg'],
    );
    const results = await runGraph(graph, { x: floats([1, 2], 2) });
    assert.deepEqual(
      ['first', 'shared', 'second'].map((name) => [...results.floats(name)]),
      [
        [-1, -2],
        [2, 4],
        [2, 8],
      ],
    );
  });
});
