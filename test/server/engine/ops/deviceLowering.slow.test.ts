import assert from 'node:assert/strict';
import { deviceNames } from '../../../../server/engine/ops/device.ts';
import { Graph } from '../../../../server/engine/ops/graph.ts';
import { IndexPrelude } from '../../../../server/engine/onnx/indexPrelude.ts';
import { createSession, type HostTensor } from '../../../../server/engine/onnx/runtime.ts';
import { serialize } from '../../../../server/engine/onnx/serialize.ts';
import { Emit } from '../../../../server/engine/ops/emit.ts';
import { deviceLowering } from '../../../../server/engine/ops/deviceLowering.ts';
import { allGradientCases, gradientGraph, gradientOracle, oracleFeeds } from '../autodiff/gradientGraph.ts';
import { floats, integers, relativeError } from '../onnx/runGraph.ts';

/** Runs a graph as it is spelled for a device; the CPU has kernels for all that is spelled. */
async function spelled(
  graph: Graph,
  device: (typeof deviceNames)[number],
  feeds: ReadonlyMap<string, HostTensor>,
): Promise<(name: string) => ArrayLike<number>> {
  const session = await createSession(serialize(graph, undefined, false, device), { threads: 1 });
  const fed = [...new IndexPrelude(graph).extend(feeds)].filter(([name]) => session.inputNames.includes(name));
  const results = await session.run(new Map(fed), new Map(graph.outputs.map(({ name }) => [name, undefined])));
  await session.release();
  return (name) => (results.get(name)?.data ?? []) as Float32Array;
}

describe('deviceLowering', () => {
  for (const device of deviceNames.filter((name) => name !== 'cpu')) {
    it(`spells ops for ${device} so that results and gradients are those of PyTorch`, async () => {
      for (const c of allGradientCases) {
        const expected = gradientOracle[c.name];
        assert.ok(expected, c.name);
        const result = await spelled(gradientGraph(c), device, oracleFeeds(expected));
        assert.ok(relativeError(result('result'), expected.output.data) <= 1e-5, c.name);
        for (const [name, gradient] of Object.entries(expected.gradients))
          assert.ok(relativeError(result(`gradient.${name}`), gradient) <= 1e-5, `${c.name}, d${name}`);
      }
    });

    it(`leaves no Shape to be computed on the CPU beside ${device}`, () => {
      const graph = new Graph();
      graph.output('zeros', new Emit(graph).ZerosLike(graph.input('x', 'float32', ['T', 2])));
      const text = new TextDecoder('latin1').decode(serialize(graph, undefined, false, device));
      assert.ok(!text.includes('Shape'), text);
    });
  }

  it('spells zeros that stay zeros where there are infinities and NaN', async () => {
    const graph = new Graph();
    graph.output('zeros', new Emit(graph).ZerosLike(graph.input('x', 'float32', ['T'])));
    const result = await spelled(graph, 'webgpu', new Map([['x', floats([1, Infinity, -Infinity, NaN], 4)]]));
    assert.deepEqual(Array.from(result('zeros')), [0, 0, 0, 0]);
  });

  it('spells a loss that is finite however unlikely the label', async () => {
    const graph = new Graph();
    const e = new Emit(graph);
    const loss = e.SoftmaxCrossEntropyLoss(
      graph.input('x', 'float32', ['N', 3]),
      graph.input('labels', 'int64', ['N', 1]),
    );
    graph.output('loss', loss);
    const feeds = new Map([
      ['x', floats([500, 0, -500, -1000, -1000, 0], 2, 3)],
      ['labels', integers([2, 0], 2, 1)],
    ]);
    const result = await spelled(graph, 'webgpu', feeds);
    assert.deepEqual(Array.from(result('loss')), [1000, 1000]);
  });

  it('has nothing of its own for the CPU', () => assert.deepEqual(deviceLowering('cpu'), {}));
});
