import assert from 'node:assert/strict';
import { IndexPrelude } from '../../../../server/engine/onnx/indexPrelude.ts';
import { Graph } from '../../../../server/engine/ops/graph.ts';
import { Emit } from '../../../../server/engine/ops/emit.ts';
import { integers } from './runGraph.ts';

describe('IndexPrelude', () => {
  const graph = new Graph();
  const e = new Emit(graph);
  const index = graph.input('index', 'int64', ['T']);
  const moved = e.Add(index, graph.constant('int64', [], [2]));
  const column = e.Reshape(moved, 'T', 1);
  const table = graph.input('table', 'float32', [9, 4]);
  const picked = e.Gather(table, column);
  graph.output('y', e.Reshape(picked, 'T', 4));

  it('takes what programs do to fed indices, and leaves what they do to numbers', () => {
    assert.deepEqual(
      new IndexPrelude(graph).nodes.map(({ op }) => op),
      ['Add', 'Reshape'],
    );
  });

  it('computes it from the feeds', () => {
    const fed = new IndexPrelude(graph).extend(new Map([['index', integers([5, 0, 3], 3)]]));
    const [sum, shaped] = [moved, column].map(({ name }) => fed.get(name));
    assert.ok(sum && 'data' in sum && shaped && 'data' in shaped);
    assert.deepEqual([...sum.data], [7n, 2n, 5n]);
    assert.deepEqual(
      [[...shaped.data], shaped.dims],
      [
        [7n, 2n, 5n],
        [3, 1],
      ],
    );
  });

  it('refuses a shape that the indices do not fill', () => {
    const other = new Graph();
    new Emit(other).Reshape(other.input('index', 'int64', ['T']), 'rows', 2);
    const prelude = new IndexPrelude(other);
    assert.throws(() => prelude.extend(new Map([['index', integers([1, 2, 3], 3)]])), /does not fit/);
  });
});
