import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, TensorProto_DataLocation } from 'onnx-buf';
import { Graph } from '../../../../server/engine/ops/graph.ts';
import { createSession } from '../../../../server/engine/onnx/runtime.ts';
import { serialize } from '../../../../server/engine/onnx/serialize.ts';
import { Emit } from '../../../../server/engine/ops/emit.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { Program } from '../../../../server/engine/programs/program.ts';
import { floats, runGraph } from './runGraph.ts';

function parsed(...args: Parameters<typeof serialize>) {
  const model = fromBinary(ModelProtoSchema, serialize(...args));
  assert.ok(model.graph);
  return { model, graph: model.graph };
}

/** y = x w, beside a branch, an input and a parameter that no output needs. */
function linear(): Graph {
  const graph = new Graph();
  const e = new Emit(graph);
  const x = graph.input('x', 'float32', ['T', 2]);
  const y = e.Gemm(x, graph.parameter('w', [2, 3]));
  e.Exp(e.Add(graph.input('unused', 'float32', ['T', 2]), e.Gemm(x, graph.parameter('unusedWeight', [2, 2]))));
  e.Mul(x, e.scalar(3));
  graph.output('y', y);
  return graph;
}

describe('serialize', () => {
  it('leaves out nodes, inputs, parameters and constants that no output needs', () => {
    const { graph } = parsed(linear());
    assert.deepEqual(
      graph.node.map((n) => n.opType),
      ['Gemm', 'Identity'],
    );
    assert.deepEqual(
      graph.input.map((i) => i.name),
      ['x', 'w'],
    );
    assert.equal(graph.initializer.length, 0);
  });

  it('writes opset 21 with the contrib domain, IR version 10, and sizes as values or names', () => {
    const { model, graph } = parsed(linear());
    assert.equal(model.irVersion, 10n);
    assert.deepEqual(
      model.opsetImport.map(({ domain, version }) => [domain, version]),
      [
        ['', 21n],
        ['com.microsoft', 1n],
      ],
    );
    const type = graph.output[0]?.type?.value;
    assert.ok(type?.case === 'tensorType');
    assert.deepEqual(
      type.value.shape?.dim.map((d) => d.value.value),
      ['T', 3n],
    );
  });

  it('writes a parameter with a place in a file as external data, and no longer as an input', () => {
    const { graph } = parsed(linear(), (name) =>
      name === 'w' ? { location: 'w.bin', offset: 8, length: 24 } : undefined,
    );
    assert.deepEqual(
      graph.input.map((i) => i.name),
      ['x'],
    );
    const [w] = graph.initializer;
    assert.ok(w);
    assert.equal(w.name, 'w');
    assert.equal(w.dataLocation, TensorProto_DataLocation.EXTERNAL);
    assert.deepEqual(w.dims, [2n, 3n]);
    const entries = Object.fromEntries(w.externalData.map(({ key, value }) => [key, value]));
    assert.deepEqual(entries, { location: 'w.bin', offset: '8', length: '24' });
  });

  it('computes the same with the parameter mapped from a file as fed', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'serialize-'));
    try {
      const w = Float32Array.of(1, 2, 3, 4, 5, 6);
      // Two floats of something else before it, to prove that the offset counts.
      await writeFile(path.join(folder, 'w.bin'), Buffer.concat([Buffer.alloc(8, 7), Buffer.from(w.buffer)]));
      const file = path.join(folder, 'model.onnx');
      await writeFile(
        file,
        serialize(linear(), () => ({ location: 'w.bin', offset: 8, length: 24 })),
      );
      const session = await createSession(file, { threads: 1 });
      const x = floats([1, 1, 2, -1], 2, 2);
      const mapped = await session.run(new Map([['x', x]]), new Map([['y', undefined]]));
      await session.release();
      const fed = await runGraph(linear(), { x, w: { data: w, dims: [2, 3] } });
      assert.deepEqual(mapped.get('y')?.data, fed.floats('y'));
      assert.deepEqual([...fed.floats('y')], [5, 7, 9, -2, -1, 0]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('Program', () => {
  it('names an input that was not fed', async () => {
    await assert.rejects(
      runGraph(linear(), { x: floats([1, 2], 1, 2) }),
      (error) => error instanceof RankscopeError && error.code === 'internal' && error.message.includes('"w"'),
    );
  });

  it('lets a feed win over a frozen parameter, and leaves out feeds that it does not need', async () => {
    const frozen = new Map([['w', floats([1, 0, 0, 0, 1, 0], 2, 3)]]);
    const program = await Program.compile(linear(), frozen, { threads: 1 });
    const x = floats([3, 4], 1, 2);
    const kept = await program.run(
      new Map([
        ['x', x],
        ['elsewhere', x],
      ]),
      ['y'],
    );
    assert.deepEqual([...kept.floats('y')], [3, 4, 0]);
    const replaced = await program.run(
      new Map([
        ['x', x],
        ['w', floats([0, 0, 1, 0, 0, 1], 2, 3)],
      ]),
      ['y'],
    );
    assert.deepEqual([...replaced.floats('y')], [0, 0, 7]);
    await program.release();
  });

  it('writes a result into the tensor that is given for it', async () => {
    const program = await Program.compile(linear(), new Map(), { threads: 1 });
    const y = floats([9, 9, 9], 1, 3);
    await program.run(
      new Map([
        ['x', floats([1, 2], 1, 2)],
        ['w', floats([1, 0, 0, 0, 1, 0], 2, 3)],
      ]),
      new Map([['y', y]]),
    );
    assert.deepEqual([...y.data], [1, 2, 0]);
    await program.release();
  });

  it('reports what ONNX Runtime refuses as an engine error with its words', async () => {
    await assert.rejects(
      createSession(new Uint8Array([1, 2, 3]), { threads: 1 }),
      (error) =>
        error instanceof RankscopeError && error.code === 'engine' && error.message.includes('refused the program'),
    );
    await assert.rejects(
      runGraph(linear(), { x: floats([1, 2, 3], 1, 3), w: floats([1, 2, 3, 4, 5, 6], 2, 3) }),
      (error) => error instanceof RankscopeError && error.code === 'engine' && error.message.includes('input: x'),
    );
  });
});
