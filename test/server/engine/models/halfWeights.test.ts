import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { targetModules } from '../../../../server/engine/adapters/loraTargets.ts';
import { adapterStore } from '../../../../server/engine/adapters/loraArm.ts';
import { packFor } from '../../../../server/engine/batch/packing.ts';
import { convertWeights, type ConvertedWeights } from '../../../../server/engine/models/convertedWeights.ts';
import { parametersOf } from '../../../../server/engine/models/modelDefinition.ts';
import { Program } from '../../../../server/engine/programs/program.ts';
import { labelFeeds } from '../../../../server/engine/train/labels.ts';
import { buildTrainProgram, gradientName } from '../../../../server/engine/train/trainProgram.ts';
import { createRandom, normal } from '../../../../server/random/random.ts';
import { largestDifference, openTiny } from './tinyModel.ts';
import { checkpointOf } from './checkpointOf.ts';

/** Numbers that binary16 has not, so that rounding shows. */
const THIRD = 1 / 3;

describe('weights kept as float16', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'half-'))));
  afterEach(() => rm(folder, { recursive: true }));

  /** The tiny OPT's weights through `change`, as a checkpoint. */
  async function changed(change: (name: string, data: Float32Array) => void) {
    const { definition, weights } = await openTiny('opt');
    return { definition, checkpoint: checkpointOf(weights, change) };
  }

  async function lossAndGradients(
    weights: ConvertedWeights,
    definition: Awaited<ReturnType<typeof changed>>['definition'],
  ) {
    const targets = targetModules(definition, 'all-linear');
    const { graph, trainable } = buildTrainProgram(definition, { kind: 'lora', targets, dropout: false });
    const store = adapterStore(2, targets);
    const random = createRandom(4);
    for (const name of trainable) store.tensor(name, 'value').data.forEach((_, i, all) => (all[i] = normal(random)));
    const program = await Program.compile(graph, weights, { threads: 1 }, new Set(trainable));
    const examples = [{ ids: [3, 14, 15, 9, 26], firstLabel: 2 }];
    const batch = packFor(
      definition.config,
      examples.map(({ ids }) => ids),
    );
    const feeds = new Map([
      ...batch.feeds,
      ...labelFeeds(examples, batch),
      ['lora_scale', { data: Float32Array.of(0.1), dims: [] }] as const,
      ...trainable.map((name) => [name, store.tensor(name, 'value')] as const),
    ]);
    const names = ['loss', ...trainable.map(gradientName)];
    const outputs = await program.run(feeds, names);
    await program.release();
    return names.map((name) => outputs.floats(name));
  }

  it('give the very losses and gradients of float32 where they hold the same numbers, in half the room', async () => {
    const { definition, checkpoint } = await changed(() => undefined);
    const wide = await convertWeights(definition, checkpoint, path.join(folder, 'wide'));
    const half = await convertWeights(definition, checkpoint, folder, { storage: 'float16' });
    const [theirs, ours] = [await lossAndGradients(wide, definition), await lossAndGradients(half, definition)];
    ours.forEach((values, i) => assert.ok(largestDifference(values, theirs[i] ?? []) < 1e-6));
    for (const { name, shape } of parametersOf(definition)) {
      const count = shape.reduce((a, b) => a * b, 1);
      const { dtype, length } = half.place(name) ?? {};
      assert.deepEqual([dtype, length], shape.length === 2 ? ['float16', 2 * count] : ['float32', 4 * count], name);
    }
  });

  it('are rounded to the nearest, and read back so', async () => {
    const { definition, checkpoint } = await changed((name, data) => {
      if (name.includes('fc1')) data.fill(THIRD);
    });
    const half = await convertWeights(definition, checkpoint, folder, { storage: 'float16' });
    const read = new Float32Array(40 * 16);
    await half.readInto('model.decoder.layers.0.fc1.weight', read);
    assert.deepEqual(new Set(read), new Set([0.333251953125]));
    const bias = new Float32Array(40);
    await half.readInto('model.decoder.layers.0.fc1.bias', bias);
    assert.deepEqual(new Set(bias), new Set([Math.fround(THIRD)]));
  });

  it('stay float32 in a matrix with a number beyond its range, also when they are opened again', async () => {
    const name = 'model.decoder.layers.1.fc2.weight';
    let reads = 0;
    const { definition, checkpoint } = await changed((read, data) => {
      reads++;
      if (read === name) data[5] = 1e5;
    });
    for (const expected of [parametersOf(definition).length, 0]) {
      reads = 0;
      const half = await convertWeights(definition, checkpoint, folder, { storage: 'float16' });
      assert.equal(reads, expected);
      assert.equal(half.place(name)?.dtype, 'float32');
      assert.equal(half.place('model.decoder.layers.0.fc2.weight')?.dtype, 'float16');
      const read = new Float32Array(16 * 40);
      await half.readInto(name, read);
      assert.equal(read[5], 1e5);
    }
    assert.ok((await stat(path.join(folder, 'weights.f16.bin'))).size > 0);
  });
});
