import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GGUF_TYPES } from '../../../../server/engine/weights/dequantize.ts';
import { openGguf } from '../../../../server/engine/checkpoints/openGguf.ts';
import { ggufBytes, tinyLlama, withTensor } from './ggufFixture.ts';
import { bitsOf, floats, temporaryFolder } from './temporaryFolder.ts';

const oracle = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../oracles/gguf/quants.json'), 'utf8'),
) as Readonly<Record<string, { readonly bytes: string; readonly values: string }>>;

describe('dequantisation', () => {
  const folder = temporaryFolder();

  it('knows exactly the types that the oracle covers', () => {
    assert.deepEqual(Array.from(GGUF_TYPES.values(), (type) => type.name).sort(), Object.keys(oracle).sort());
  });

  for (const [number, type] of GGUF_TYPES) {
    const { bytes, values } = oracle[type.name]!;
    const data = new Uint8Array(Buffer.from(bytes, 'base64'));
    const expected = floats(values);
    const blocks = expected.length / type.blockElements;

    it(`${type.name} equals gguf.quants to the bit`, () => {
      assert.equal(data.length, blocks * type.blockBytes);
      const out = new Float32Array(expected.length);
      type.dequantize(data, 0, blocks, out, 0);
      assert.deepEqual(bitsOf(out), bitsOf(expected));
    });

    it(`${type.name} starts at any block and writes where it is told`, () => {
      const shifted = new Uint8Array(data.length + 1);
      shifted.set(data, 1);
      const out = new Float32Array(type.blockElements + 3).fill(9);
      type.dequantize(shifted, 1 + type.blockBytes, 1, out, 2);
      assert.deepEqual(bitsOf(out.slice(2, -1)), bitsOf(expected.slice(type.blockElements, 2 * type.blockElements)));
      assert.deepEqual([out[0], out[1], out.at(-1)], [9, 9, 9]);
    });

    it(`${type.name} is read out of a file`, async () => {
      // 768 elements are three rows of 256.
      const tensor = { name: 'extra.weight', dimensions: [256, 3], type: number, data };
      const path = folder.write(`${type.name}.gguf`, ggufBytes(withTensor(tinyLlama, tensor)));
      const { tensors } = await openGguf(path);
      assert.equal(tensors.tensors.get('extra.weight')?.storage, type.name);
      const out = new Float32Array(768);
      await tensors.readInto('extra.weight', out);
      assert.deepEqual(bitsOf(out), bitsOf(expected));
      await tensors.close();
    });
  }
});
