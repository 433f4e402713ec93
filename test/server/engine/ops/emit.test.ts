import assert from 'node:assert/strict';
import { Graph } from '../../../../server/engine/ops/graph.ts';
import { Emit } from '../../../../server/engine/ops/emit.ts';

describe('Emit', () => {
  const graph = new Graph();
  const e = new Emit(graph);
  const x = graph.input('x', 'float32', ['T', 12]);

  it('writes a Reshape of a Reshape as one of what that was given', () => {
    const y = e.Reshape(e.Reshape(x, 'T', 3, 4), 'T', 4, 3);
    assert.equal(y.node?.inputs[0], x);
    assert.deepEqual(y.shape, ['T', 4, 3]);
  });

  it('writes none to the shape that a value has, or had before', () => {
    assert.equal(e.Reshape(x, 'T', 12), x);
    assert.equal(e.Reshape(e.Reshape(x, 'T', 3, 4), 'T', 12), x);
  });

  it('leaves both where the first value alone does not tell two of the sizes', () => {
    const grouped = e.Reshape(graph.input('g', 'float32', ['R', 6]), 'B', 4, 3);
    assert.equal(e.Reshape(grouped, 'B', 'M', 2).node?.inputs[0], grouped);
  });

  it('picks rows of what has more axes from it as a matrix', () => {
    const index = graph.input('i', 'int64', ['B', 2]);
    const picked = e.GatherRows(e.Reshape(x, 'T', 3, 4), index, graph.input('j', 'int64', ['T', 3]));
    const data = picked.node?.inputs[0];
    assert.deepEqual([data?.shape, data?.node?.inputs[0], picked.shape], [['T*3', 4], x, ['B', 2, 4]]);
  });
});
