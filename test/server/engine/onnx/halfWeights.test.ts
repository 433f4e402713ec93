import assert from 'node:assert/strict';
import { widenWhereUsed } from '../../../../server/engine/onnx/halfWeights.ts';
import type { LoweredNode } from '../../../../server/engine/ops/loweredNode.ts';

const node = (op: string, name: string, inputs: readonly string[], output: string): LoweredNode => ({
  op,
  domain: '',
  name,
  inputs,
  outputs: [output],
  attributes: {},
  constants: [],
});

describe('widenWhereUsed', () => {
  const nodes = [
    node('Gather', 'lookup', ['table', 'ids'], 'x'),
    node('Gemm', 'forward', ['x', 'w', 'b'], 'y'),
    node('Gemm', 'backward', ['dy', 'w'], 'dx'),
    node('Shape', 'size', ['w'], 'shape'),
  ];
  const result = widenWhereUsed(nodes, new Set(['table', 'w']));
  const named = (name: string): LoweredNode => {
    const found = result.find((each) => each.name === name);
    assert.ok(found, name);
    return found;
  };

  it('leaves a program without such weights as it is', () => {
    assert.deepEqual(widenWhereUsed(nodes, new Set()), nodes);
  });

  it('widens a weight anew for each use, by nodes that are not equal', () => {
    const [forward, backward] = [named('forward').inputs[1] ?? '', named('backward').inputs[1] ?? ''];
    assert.notEqual(forward, backward);
    assert.deepEqual([named(forward).op, named(forward).inputs], ['Cast', ['w']]);
    const [through = ''] = named(backward).inputs;
    assert.deepEqual([named(through).op, named(through).inputs[0]], ['Reshape', 'w']);
    assert.deepEqual(named('forward').inputs, ['x', forward, 'b']);
  });

  it('widens the rows that were looked up, not the table', () => {
    const [narrow = ''] = named('lookup').outputs;
    assert.equal(named('lookup').inputs[0], 'table');
    assert.deepEqual([named('lookup/widen').inputs, named('lookup/widen').outputs], [[narrow], ['x']]);
  });

  it('reads the shape of a weight as it is kept', () => {
    assert.deepEqual(named('size').inputs, ['w']);
  });

  it('writes all widening of weights before all that uses them', () => {
    const ops = result.map(({ op }) => op);
    assert.deepEqual(ops, ['Cast', 'Reshape', 'Cast', 'Gather', 'Cast', 'Gemm', 'Gemm', 'Shape']);
  });
});
