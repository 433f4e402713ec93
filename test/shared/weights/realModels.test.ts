import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Checkpoint } from '../../../server/engine/weights/checkpoint.ts';
import { openCheckpoint } from '../../../server/engine/checkpoints/openCheckpoint.ts';

const shared = process.env.RANKSCOPE_SHARED ?? join(import.meta.dirname, '../../../../shared');
const smollm2 = process.env.RANKSCOPE_SMOLLM2;

async function read({ tensors }: Checkpoint, name: string): Promise<Float32Array> {
  const out = new Float32Array(tensors.tensors.get(name)!.shape.reduce((a, b) => a * b, 1));
  await tensors.readInto(name, out);
  return out;
}

describe('stories260K', () => {
  const folder = join(shared, 'models/stories260K/hf');

  it('loads: 47 tensors of a Llama, 260,032 parameters', async () => {
    const model = await openCheckpoint(folder);
    assert.equal(model.config.model_type, 'llama');
    const shapes = Array.from(model.tensors.tensors.values(), ({ shape }) => shape);
    assert.equal(shapes.length, 47);
    assert.equal(
      shapes.map((shape) => shape.reduce((a, b) => a * b, 1)).reduce((a, b) => a + b),
      260_032,
    );
    assert.deepEqual(model.tensors.tensors.get('model.layers.4.self_attn.k_proj.weight')?.shape, [32, 64]);
    assert.equal(model.tokenizer, undefined);
    assert.equal(
      await model.hash(),
      createHash('sha256')
        .update(readFileSync(join(folder, 'model.safetensors')))
        .digest('hex'),
    );
    await model.tensors.close();
  });

  it('has the values of llama2.c’s own file, where the two store them alike', async () => {
    const model = await openCheckpoint(folder);
    // A header of seven 32-bit integers, then the embedding, then the attention norms of all layers.
    const legacy = readFileSync(join(shared, 'models/stories260K/stories260K.bin'));
    const stretch = (from: number, length: number): Float32Array =>
      new Float32Array(Uint8Array.from(legacy.subarray(28 + 4 * from, 28 + 4 * (from + length))).buffer);
    assert.deepEqual(await read(model, 'model.embed_tokens.weight'), stretch(0, 512 * 64));
    for (let layer = 0; layer < 5; layer++) {
      const norm = await read(model, `model.layers.${layer}.input_layernorm.weight`);
      assert.deepEqual(norm, stretch(512 * 64 + 64 * layer, 64));
    }
    await model.tensors.close();
  });
});

describe('SmolLM2-135M-Instruct from its GGUF (RANKSCOPE_SMOLLM2)', () => {
  const oracle = JSON.parse(readFileSync(join(import.meta.dirname, '../../oracles/smollm2/weights.json'), 'utf8')) as {
    readonly file: string;
    readonly tensors: Readonly<Record<string, [number[], string]>>;
    readonly rows: Readonly<Record<string, number[][]>>;
  };
  let model: Checkpoint;
  before(async function () {
    assert.ok(smollm2, 'set RANKSCOPE_SMOLLM2 to the path of SmolLM2-135M-Instruct.Q4_1.gguf');
    model = await openCheckpoint(smollm2);
  });
  after(() => model.tensors.close());

  it('is the file that the oracle was made from', async () => {
    assert.equal(await model.hash(), oracle.file);
  });

  it('has the 272 tensors that Transformers and gguf.quants make of it, to the bit', async () => {
    assert.deepEqual([...model.tensors.tensors.keys()].sort(), Object.keys(oracle.tensors).sort());
    for (const [name, [shape, sha]] of Object.entries(oracle.tensors)) {
      assert.deepEqual(model.tensors.tensors.get(name)?.shape, shape);
      const values = await read(model, name);
      assert.equal(createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex'), sha, name);
    }
  });

  it('has these rows, for a person to see where a difference begins', async () => {
    for (const [name, rows] of Object.entries(oracle.rows)) {
      const values = await read(model, name);
      const width = model.tensors.tensors.get(name)?.shape[1] ?? 0;
      const at = (start: number): number[] => [...values.subarray(start, start + 8)];
      assert.deepEqual([at(0), at(width), at(values.length - width)], rows, name);
    }
  });
});
