import assert from 'node:assert/strict';
import { collectGarbage } from '../../../../server/engine/onnx/garbageCollection.ts';
import { Graph } from '../../../../server/engine/ops/graph.ts';
import { Program } from '../../../../server/engine/programs/program.ts';
import { Emit } from '../../../../server/engine/ops/emit.ts';

/** y = 2x and z = x + x x. */
function graph(): Graph {
  const g = new Graph();
  const e = new Emit(g);
  const x = g.input('x', 'float32', ['n']);
  g.output('y', e.Add(x, x));
  g.output('z', e.Add(x, e.Mul(x, x)));
  return g;
}

const feeds = new Map([['x', { data: Float32Array.of(1, 2, 3), dims: [3] }]]);
const room = () => ({ data: new Float32Array(3), dims: [3] });

for (const inPlace of [true, false]) {
  describe(`a program compiled ${inPlace ? '' : 'not '}to write in place`, () => {
    let program: Program;
    before(async () => (program = await Program.compile(graph(), new Map(), { threads: 1, inPlace })));
    after(() => program.release());

    it('writes all its outputs into the memory given, and gives that memory back', async () => {
      const [y, z] = [room(), room()];
      const outputs = await program.run(
        feeds,
        new Map([
          ['y', y],
          ['z', z],
        ]),
      );
      assert.deepEqual([...y.data], [2, 4, 6]);
      assert.deepEqual([...z.data], [2, 6, 12]);
      assert.equal(outputs.floats('z'), z.data);
    });

    it('writes some outputs in place and returns the others', async () => {
      const y = room();
      const outputs = await program.run(
        feeds,
        new Map([
          ['y', y],
          ['z', undefined],
        ]),
      );
      assert.deepEqual([...y.data], [2, 4, 6]);
      assert.deepEqual([...outputs.floats('z')], [2, 6, 12]);
    });

    it('returns the outputs that are named', async () => {
      assert.deepEqual([...(await program.run(feeds, ['z'])).floats('z')], [2, 6, 12]);
    });

    it('still tells a fault of the run', async () => {
      const wrong = new Map([
        ['y', { data: new Float32Array(2), dims: [2] }],
        ['z', room()],
      ]);
      await assert.rejects(program.run(feeds, wrong), /ONNX Runtime failed/);
    });
  });
}

describe('a program compiled to write in place', () => {
  it('is spared the copies: nothing new is allocated for a large result', async () => {
    const g = new Graph();
    const x = g.input('x', 'float32', ['n']);
    g.output('y', new Emit(g).Add(x, x));
    const count = 4_000_000;
    const big = { data: new Float32Array(count), dims: [count] };
    const into = { data: new Float32Array(count), dims: [count] };
    const grown = async (inPlace: boolean): Promise<number> => {
      const program = await Program.compile(g, new Map(), { threads: 1, inPlace });
      collectGarbage(); // Else a collection between the two readings could take more away than the copy adds.
      const before = process.memoryUsage().arrayBuffers;
      await program.run(new Map([['x', big]]), new Map([['y', into]]));
      const bytes = process.memoryUsage().arrayBuffers - before;
      await program.release();
      return bytes;
    };
    assert.ok((await grown(true)) < count, 'no copy');
    // What earlier tests have left may be freed between the two readings, after the collection too, and hide the copy.
    let copied = 0;
    for (let tries = 0; tries < 20 && copied < 4 * count; tries++) copied = await grown(false);
    assert.ok(copied >= 4 * count, 'the copy that there is otherwise');
  });
});
