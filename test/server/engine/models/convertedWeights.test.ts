import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildPrefillProgram } from '../../../../server/engine/generate/scoreProgram.ts';
import { packFor } from '../../../../server/engine/batch/packing.ts';
import { convertWeights } from '../../../../server/engine/models/convertedWeights.ts';
import { defineModel } from '../../../../server/engine/models/families/families.ts';
import { loadWeights } from '../../../../server/engine/models/modelWeights.ts';
import { Program, type Feeds, type MappedWeights } from '../../../../server/engine/programs/program.ts';
import { openHuggingFaceFolder } from '../../../../server/engine/checkpoints/openHuggingFaceFolder.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { CONFIGS, drawWeights } from '../generate/randomModel.ts';
import { checkpointOf } from './checkpointOf.ts';
import { folderOf } from './tinyModel.ts';

describe('convertWeights', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'rankscope-weights-'))));
  afterEach(async () => rm(folder, { recursive: true, force: true }));

  async function open() {
    const checkpoint = await openHuggingFaceFolder(folderOf('llama'));
    return { checkpoint, definition: defineModel(checkpoint.config, checkpoint.path) };
  }

  it('holds what the checkpoint holds and the computed tables, and reads nothing a second time', async () => {
    const { checkpoint, definition } = await open();
    const heard: string[] = [];
    const first = await convertWeights(definition, checkpoint, folder, {
      onProgress: (done, total) => heard.push(`${done}/${total}`),
    });
    const loaded = await loadWeights(definition, checkpoint);
    assert.equal(heard.at(-1), `${loaded.size}/${loaded.size}`);
    for (const [name, { data }] of loaded) {
      const read = new Float32Array(data.length);
      await first.readInto(name, read);
      assert.deepEqual(read, data, name);
    }
    heard.length = 0;
    await convertWeights(definition, checkpoint, folder, { onProgress: () => heard.push('again') });
    assert.deepEqual(heard, []);
    await checkpoint.tensors.close();
  });

  it('gives programs that map it the logits of programs that are fed, prepacked or not, and leaves no program behind', async () => {
    const { checkpoint, definition } = await open();
    const mapped = await convertWeights(definition, checkpoint, folder);
    const loaded = await loadWeights(definition, checkpoint);
    await checkpoint.tensors.close();
    const sequences = [
      [1, 2, 3, 4],
      [5, 6],
    ];
    const feeds = new Map(packFor(definition.config, sequences).feeds);
    feeds.set('label_rows', { data: BigInt64Array.from([3n, 5n]), dims: [2] });
    const logits = async (weights: Feeds | MappedWeights, prepack: boolean): Promise<Float32Array> => {
      const program = await Program.compile(buildPrefillProgram(definition, []), weights, { threads: 1, prepack });
      const result = (await program.run(feeds, ['logits'])).floats('logits').slice();
      await program.release();
      return result;
    };
    const expected = await logits(loaded, true);
    for (const prepack of [true, false]) {
      const got = await logits(mapped, prepack);
      got.forEach((x, i) => assert.ok(Math.abs(x - (expected[i] ?? NaN)) < 1e-5));
    }
    assert.deepEqual((await readdir(folder)).sort(), ['weights.bin', 'weights.bin.sha256']);
  });

  for (const storage of ['float32', 'float16', 'int8'] as const)
    it(`converts ${storage} weights again where one byte of what is kept is another`, async () => {
      const { checkpoint, definition } = await open();
      await convertWeights(definition, checkpoint, folder, { storage });
      for (const name of await readdir(folder)) {
        const file = path.join(folder, name);
        const whole = await readFile(file);
        const flipped = Buffer.from(whole);
        flipped[flipped.length >> 1]! ^= 1;
        await writeFile(file, flipped);
        const heard: number[] = [];
        await convertWeights(definition, checkpoint, folder, { storage, onProgress: (done) => heard.push(done) });
        assert.ok(heard.length > 0, name);
        assert.deepEqual(await readFile(file), whole, name);
      }
      await checkpoint.tensors.close();
    });

  it('converts again what was not finished', async () => {
    const { checkpoint, definition } = await open();
    await convertWeights(definition, checkpoint, folder);
    const file = path.join(folder, 'weights.bin');
    const { size } = await stat(file);
    await truncate(file, size - 1);
    await convertWeights(definition, checkpoint, folder);
    assert.equal((await stat(file)).size, size);
    await checkpoint.tensors.close();
  });

  for (const bad of [NaN, Infinity]) {
    it(`refuses a checkpoint with ${bad} in it, naming the tensor, and keeps nothing of it`, async () => {
      const definition = defineModel(CONFIGS.gpt2, 'test');
      const weights = drawWeights(definition, 5);
      const tensor = 'transformer.h.1.mlp.c_fc.weight';
      (weights.get(tensor)?.data ?? [])[3] = bad;
      for (const convert of [convertWeights, loadWeights] as const)
        await assert.rejects(
          convert === convertWeights
            ? convertWeights(definition, checkpointOf(weights), folder)
            : loadWeights(definition, checkpointOf(weights)),
          (error) =>
            error instanceof RankscopeError &&
            error.code === 'model' &&
            error.message.includes(`element 3 of tensor ${tensor} is ${bad}`),
        );
      assert.deepEqual(await readdir(folder), []);
    });
  }

  it('says when the folder cannot be written, naming it', async () => {
    const { checkpoint, definition } = await open();
    const blocked = path.join(folder, 'file');
    await writeFile(blocked, '');
    await assert.rejects(
      convertWeights(definition, checkpoint, path.join(blocked, 'weights')),
      (error) => error instanceof RankscopeError && error.code === 'disk' && error.message.includes(blocked),
    );
    await checkpoint.tensors.close();
  });
});
