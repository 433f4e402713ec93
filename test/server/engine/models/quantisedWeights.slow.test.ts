import assert from 'node:assert/strict';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { targetModules } from '../../../../server/engine/adapters/loraTargets.ts';
import { buildDecodeProgram, buildPrefillProgram } from '../../../../server/engine/generate/scoreProgram.ts';
import type { AdapterMethodName } from '../../../../server/protocol/sweep/adapterMethod.ts';
import { adapterStore, methodOf } from '../../../../server/engine/adapters/loraArm.ts';
import { packFor } from '../../../../server/engine/batch/packing.ts';
import { convertWeights, type ConvertedWeights } from '../../../../server/engine/models/convertedWeights.ts';
import { defineModel } from '../../../../server/engine/models/families/families.ts';
import { parametersOf, type ModelDefinition } from '../../../../server/engine/models/modelDefinition.ts';
import type { Weights } from '../../../../server/engine/models/modelWeights.ts';
import type { WeightStorage } from '../../../../server/engine/models/weightLayout.ts';
import { Program, type MappedWeights } from '../../../../server/engine/programs/program.ts';
import { serialize } from '../../../../server/engine/onnx/serialize.ts';
import { labelFeeds } from '../../../../server/engine/train/labels.ts';
import { ArmTrainer } from '../../../../server/engine/train/armTrainer.ts';
import { buildTrainProgram, gradientName } from '../../../../server/engine/train/trainProgram.ts';
import { createRandom, normal } from '../../../../server/random/random.ts';
import { drawWeights } from '../generate/randomModel.ts';
import { relativeError } from '../onnx/runGraph.ts';
import { ADAMW } from '../train/trainingOracle.ts';
import { checkpointOf } from './checkpointOf.ts';

const CONFIGS = {
  // Its linear maps are stored in-out.
  gpt2: { model_type: 'gpt2', vocab_size: 40, n_embd: 32, n_layer: 2, n_head: 4, n_positions: 40 },
  // An odd number of blocks a row, and a down projection whose rows are no whole number of blocks.
  llama: {
    model_type: 'llama',
    vocab_size: 40,
    hidden_size: 96,
    intermediate_size: 80,
    num_hidden_layers: 2,
    num_attention_heads: 6,
    num_key_value_heads: 2,
    max_position_embeddings: 40,
    tie_word_embeddings: true,
  },
} as const;

const EXAMPLES = [
  { ids: [3, 14, 15, 9, 26], firstLabel: 2 },
  { ids: [5, 35, 8, 9, 7, 9, 3], firstLabel: 3 },
];

/** A model kept so, and the same numbers widened, as a checkpoint of float32. */
async function kept(model: keyof typeof CONFIGS, storage: WeightStorage, folder: string) {
  const definition = defineModel(CONFIGS[model], 'test');
  const narrow = await convertWeights(definition, checkpointOf(drawWeights(definition, 5)), folder, { storage });
  const widened: Weights = new Map(
    await Promise.all(
      parametersOf(definition).map(async ({ name, shape }) => {
        const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
        await narrow.readInto(name, data);
        return [name, { data, dims: shape }] as const;
      }),
    ),
  );
  const wide = await convertWeights(definition, checkpointOf(widened), path.join(folder, 'wide'));
  return { definition, narrow, wide };
}

function drawnAdapters(definition: ModelDefinition, method: AdapterMethodName = 'lora') {
  const targets = targetModules(definition, 'all-linear');
  const { graph, trainable } = buildTrainProgram(definition, { kind: 'lora', method, targets, dropout: false });
  const store = adapterStore(2, targets, [], methodOf({ method }));
  const random = createRandom(4);
  for (const name of trainable) store.tensor(name, 'value').data.forEach((_, i, all) => (all[i] = normal(random)));
  return { graph, trainable, store };
}

const SCALE = ['lora_scale', { data: Float32Array.of(0.1), dims: [] }] as const;

async function lossAndGradients(
  weights: MappedWeights,
  definition: ModelDefinition,
  prepack: boolean,
  method?: AdapterMethodName,
) {
  const { graph, trainable, store } = drawnAdapters(definition, method);
  const program = await Program.compile(graph, weights, { threads: 1, prepack }, new Set(trainable));
  const batch = packFor(
    definition.config,
    EXAMPLES.map(({ ids }) => ids),
  );
  const feeds = new Map([
    ...batch.feeds,
    ...labelFeeds(EXAMPLES, batch),
    SCALE,
    ...trainable.map((name) => [name, store.tensor(name, 'value')] as const),
  ]);
  const names = ['loss', ...trainable.map(gradientName)];
  const outputs = await program.run(feeds, names);
  await program.release();
  return names.map((name) => outputs.floats(name));
}

async function tenLosses(weights: ConvertedWeights, definition: ModelDefinition): Promise<number[]> {
  const { graph, trainable, store } = drawnAdapters(definition);
  const program = await Program.compile(graph, weights, { threads: 1 }, new Set(trainable));
  const trainer = new ArmTrainer({
    id: 'r2',
    store,
    program,
    config: definition.config,
    armFeeds: () => new Map([SCALE]),
  });
  const losses: number[] = [];
  for (let step = 1; step <= 10; step++) {
    losses.push((await trainer.step([EXAMPLES], { ...ADAMW, step, learningRate: 1e-2, clip: 1, weightDecay: 0 })).loss);
  }
  await program.release();
  return losses;
}

describe('weights kept in blocks of few bits', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(path.join(tmpdir(), 'narrow-'))));
  afterEach(() => rm(folder, { recursive: true }));

  for (const model of ['gpt2', 'llama'] as const) {
    for (const storage of ['int8', 'int4'] as const) {
      for (const prepack of [true, false]) {
        it(`give ${model} kept as ${storage} the losses and gradients of the same numbers in float32, ${prepack ? '' : 'not '}prepacked`, async () => {
          const { definition, narrow, wide } = await kept(model, storage, folder);
          const theirs = await lossAndGradients(wide, definition, prepack);
          const ours = await lossAndGradients(narrow, definition, prepack);
          ours.forEach((values, i) => assert.ok(relativeError(values, theirs[i] ?? []) < 1e-4, String(i)));
        });
      }

      it(`give DoRA on ${model} kept as ${storage} the losses and gradients of the same numbers in float32`, async () => {
        const { definition, narrow, wide } = await kept(model, storage, folder);
        const theirs = await lossAndGradients(wide, definition, true, 'dora');
        const ours = await lossAndGradients(narrow, definition, true, 'dora');
        ours.forEach((values, i) => assert.ok(relativeError(values, theirs[i] ?? []) < 1e-4, String(i)));
      });

      it(`train ${model} kept as ${storage} for ten steps with the losses of the same numbers in float32`, async () => {
        const { definition, narrow, wide } = await kept(model, storage, folder);
        const [ours, theirs] = [await tenLosses(narrow, definition), await tenLosses(wide, definition)];
        assert.ok((ours[9] ?? NaN) < 0.9 * (ours[0] ?? NaN), ours.join());
        ours.forEach((loss, i) => assert.ok(Math.abs(loss - (theirs[i] ?? NaN)) < 1e-3, `${i}: ${loss}`));
      });
    }
  }

  it('take less room in the file: of linear maps 9 or 6 bits a number, of tables 9', async () => {
    const definition = defineModel(CONFIGS.gpt2, 'test');
    const checkpoint = checkpointOf(drawWeights(definition, 5));
    const bits = async (storage: WeightStorage, name: string) => {
      const { blocks } = (await convertWeights(definition, checkpoint, folder, { storage })).place(name) ?? {};
      assert.ok(blocks, name);
      const minima = blocks.storage === 'int4' ? blocks.minima.length : 0;
      return (8 * (blocks.codes.length + blocks.scales.length + minima)) / (blocks.rows * blocks.width);
    };
    const [map, table] = ['transformer.h.1.mlp.c_fc.weight', 'transformer.wte.weight'] as const;
    assert.deepEqual([await bits('int8', map), await bits('int8', table)], [9, 9]);
    assert.deepEqual([await bits('int4', map), await bits('int4', table)], [6, 9]);
    const sizes = await Promise.all(['weights.i8.bin', 'weights.i4.bin'].map((f) => stat(path.join(folder, f))));
    assert.ok(sizes.every(({ size }) => size > 0));
  });

  it('stay float32 where rows are no whole number of blocks', async () => {
    const definition = defineModel(CONFIGS.llama, 'test');
    const weights = drawWeights(definition, 5);
    for (const turn of ['written', 'opened again']) {
      const narrow = await convertWeights(definition, checkpointOf(weights), folder, { storage: 'int4' });
      assert.equal(narrow.place('model.layers.0.mlp.down_proj.weight')?.dtype, 'float32', turn);
      assert.equal(narrow.place('model.layers.1.mlp.up_proj.weight')?.blocks?.storage, 'int4', turn);
    }
  });

  it('multiply 4 bits as they are in a prepacked program, by kernels with float32 activations', async () => {
    const definition = defineModel(CONFIGS.gpt2, 'test');
    const checkpoint = checkpointOf(drawWeights(definition, 5));
    const narrow = await convertWeights(definition, checkpoint, folder, { storage: 'int4' });
    for (const graph of [buildPrefillProgram(definition, []), buildDecodeProgram(definition, [])]) {
      const external = (name: string) => narrow.place(name);
      const text = (packed: boolean): string =>
        Buffer.from(serialize(graph, external, false, 'cpu', packed)).toString('latin1');
      assert.ok(text(true).includes('MatMulNBits'));
      assert.ok(!text(false).includes('MatMulNBits') && text(false).includes('DequantizeLinear'));
    }
  });
});
