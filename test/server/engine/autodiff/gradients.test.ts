import assert from 'node:assert/strict';
import { gradients } from '../../../../server/engine/autodiff/gradients.ts';
import { targetModules } from '../../../../server/engine/adapters/loraTargets.ts';
import { defineModel } from '../../../../server/engine/models/families/families.ts';
import { Graph } from '../../../../server/engine/ops/graph.ts';
import { serialize } from '../../../../server/engine/onnx/serialize.ts';
import type { Node } from '../../../../server/engine/ops/value.ts';
import { Emit } from '../../../../server/engine/ops/emit.ts';
import { buildTrainProgram, type Trained } from '../../../../server/engine/train/trainProgram.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { floats, runGraph } from '../onnx/runGraph.ts';

const fault = (message: RegExp) => (error: unknown) =>
  error instanceof RankscopeError && error.code === 'internal' && message.test(error.message);

const gpt2 = defineModel(
  { model_type: 'gpt2', vocab_size: 11, n_embd: 8, n_layer: 3, n_head: 2, n_positions: 16 },
  'test',
);

const isGradient = (node: Node): boolean => node.name.startsWith('gradient/');
const count = (nodes: readonly Node[], op: string): number => nodes.filter((n) => n.op === op).length;

/** Nodes of the backward pass that the program's outputs need. */
function backwardOf(trained: Trained): { readonly nodes: readonly Node[]; readonly graph: Graph } {
  const { graph } = buildTrainProgram(gpt2, trained);
  return { graph, nodes: graph.nodes.filter(isGradient) };
}

describe('gradients', () => {
  it('starts from ones of the loss, however it was broadcast', async () => {
    const graph = new Graph();
    const e = new Emit(graph);
    const [x, b] = [graph.input('x', 'float32', ['T', 2]), graph.input('b', 'float32', [2])];
    const [dx, db] = gradients(graph, e.Add(x, b), [x, b]);
    assert.ok(dx && db);
    graph.output('dx', dx);
    graph.output('db', db);
    const results = await runGraph(graph, { x: floats([1, 2, 3, 4, 5, 6], 3, 2), b: floats([0, 0], 2) });
    assert.deepEqual([...results.floats('dx')], [1, 1, 1, 1, 1, 1]);
    assert.deepEqual([...results.floats('db')], [3, 3]);
  });

  it('gives each gradient the shape of its variable', () => {
    const { graph, trainable } = buildTrainProgram(gpt2, { kind: 'full' });
    const shapeOf = new Map(graph.parameters.map((p) => [p.name, p.shape]));
    for (const name of trainable) {
      const gradient = graph.outputs.find((o) => o.name === `gradient.${name}`);
      assert.deepEqual(gradient?.value.shape, shapeOf.get(name), name);
    }
  });

  it('starts the cross-entropy from a scalar: no pass over the logits is spent on ones', () => {
    const { nodes } = backwardOf({ kind: 'full' });
    const loss = nodes.filter((n) => n.name.startsWith('gradient/SoftmaxCrossEntropyLoss'));
    assert.deepEqual(loss.map((n) => n.op).toSorted(), ['Exp', 'ScatterElements', 'Sub', 'ZerosLike']);
  });

  it('refuses a variable that does not influence the loss', () => {
    const graph = new Graph();
    const [x, y] = [graph.input('x', 'float32', [2]), graph.input('y', 'float32', [2])];
    assert.throws(() => gradients(graph, new Emit(graph).Exp(x), [x, y]), fault(/variable y does not influence/));
  });

  it('refuses an op without a gradient, with the reason', () => {
    const graph = new Graph();
    const e = new Emit(graph);
    const x = graph.input('x', 'float32', [2]);
    const step = e.Cast(e.Greater(x, e.scalar(0)), 'float32');
    assert.throws(() => gradients(graph, e.Mul(step, x), [x]), fault(/Cast has no gradient: it converts masks/));
  });

  it('refuses to drop what flows back through an output that the rule leaves out', () => {
    const graph = new Graph();
    const e = new Emit(graph);
    const [x, scale] = [graph.input('x', 'float32', ['T', 4]), graph.input('scale', 'float32', [4])];
    const y = e.SimplifiedLayerNormalization(x, scale, 1e-5);
    const deviation = y.node?.outputs[1];
    assert.ok(deviation);
    assert.throws(() => gradients(graph, e.Mul(y, deviation), [x]), fault(/leaves out output 1/));
  });

  it('refuses a variable that its op has no gradient for', () => {
    const graph = new Graph();
    const e = new Emit(graph);
    const x = graph.input('x', 'float32', ['T', 1, 4]);
    const cos = graph.input('cos', 'float32', [3, 2]);
    const turned = e.RotaryEmbedding(
      x,
      graph.input('p', 'int64', ['T', 1]),
      cos,
      graph.input('sin', 'float32', [3, 2]),
      1,
    );
    assert.throws(() => gradients(graph, turned, [cos]), fault(/no gradient with respect to input 2/));
  });

  it('writes nothing for what influences no variable, or is influenced by none', () => {
    const graph = new Graph();
    const e = new Emit(graph);
    const [x, w, frozen] = [
      graph.input('x', 'float32', ['T', 4]),
      graph.input('w', 'float32', [4, 4]),
      graph.input('f', 'float32', [4, 4]),
    ];
    const below = e.Exp(e.Gemm(x, frozen));
    e.Tanh(e.Gemm(below, w)); // Depends on the variable, but not the loss on it.
    const loss = e.Neg(e.Gemm(e.Gemm(below, w), frozen));
    gradients(graph, loss, [w]);
    // ZerosLike and Add make the seed; the rest is d(-y), dX through the frozen matrix, dW.
    const written = graph.nodes.slice(graph.nodes.findIndex((n) => n.op === 'Neg') + 1).map((n) => n.op);
    assert.deepEqual(written, ['ZerosLike', 'Add', 'Neg', 'Gemm', 'Gemm']);
  });

  it('writes no gradient below the lowest adapter, and none of a frozen weight', () => {
    const targets = targetModules(gpt2, ['transformer.h.2.attn.c_attn']);
    const { nodes, graph } = backwardOf({ kind: 'lora', targets, dropout: false });
    const lowest = graph.nodes.findIndex((n) => n.name.startsWith('transformer.h.2.attn.c_attn/lora/'));
    const below = new Set(graph.nodes.slice(0, lowest).map((n) => n.name));
    assert.ok(below.size > 30);
    const differentiated = nodes.map((n) => n.name.split('/').slice(1, -1).join('/'));
    assert.deepEqual(
      differentiated.filter((name) => below.has(name)),
      [],
    );
    // dX of the head, of the two maps of the MLP and of the attention's output; of the adapter dB, d(xA') and dA.
    assert.equal(count(nodes, 'Gemm'), 4 + 3);
    // Queries, keys, values, attention weights.
    assert.equal(count(nodes, 'FusedMatMul'), 4);
  });

  it('goes down to the first layer for an adapter there, and no further', () => {
    const { nodes } = backwardOf({ kind: 'lora', targets: targetModules(gpt2, 'default'), dropout: false });
    // In each of three layers: mlp 2, output 1, adapter 3; in layers 2 and 3 also dX of c_attn and of the adapter's A; the head.
    assert.equal(count(nodes, 'Gemm'), 3 * 6 + 2 * 2 + 1);
    // The labelled rows of the last layer's attention and of the residual stream, and of each layer the further places of
    // keys and values that sequences share; an embedding would be another.
    assert.equal(count(nodes, 'ScatterND'), 2 + 3 * 2);
  });

  it('adds an embedding and a head that share their matrix up in one gradient', () => {
    const { nodes } = backwardOf({ kind: 'full' });
    const scatters = nodes.filter((n) => n.op === 'ScatterND' && n.name.includes('.weight')).map((n) => n.name);
    assert.deepEqual(scatters.toSorted(), [
      'gradient/transformer.wpe.weight/ScatterND',
      'gradient/transformer.wte.weight/ScatterND',
    ]);
  });

  it('leaves every written node needed, but for shapes in between', () => {
    for (const trained of [
      { kind: 'full' },
      { kind: 'lora', targets: targetModules(gpt2, 'default'), dropout: true },
    ] as const) {
      const { graph } = backwardOf(trained);
      const before = graph.nodes.length;
      const text = new TextDecoder('latin1').decode(serialize(graph));
      const missing = graph.nodes.filter((n) => n.op !== 'Reshape' && !text.includes(n.name));
      assert.deepEqual(
        missing.map((n) => n.name),
        [],
        `${before} nodes`,
      );
    }
  });
});
