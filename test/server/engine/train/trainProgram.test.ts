import assert from 'node:assert/strict';
import { dropoutMasks } from '../../../../server/engine/adapters/dropoutMasks.ts';
import type { LoraArm } from '../../../../server/engine/adapters/loraArm.ts';
import { readPeftFolder } from '../../../../server/engine/adapters/peftFolder.ts';
import { dropoutInput } from '../../../../server/engine/adapters/trainableSlots.ts';
import { packFor, packSequences } from '../../../../server/engine/batch/packing.ts';
import { parametersOf } from '../../../../server/engine/models/modelDefinition.ts';
import type { Graph } from '../../../../server/engine/ops/graph.ts';
import type { Feeds, Program } from '../../../../server/engine/programs/program.ts';
import type { HostTensor } from '../../../../server/engine/onnx/runtime.ts';
import { inputIds, labelFeeds } from '../../../../server/engine/train/labels.ts';
import { buildTrainProgram, gradientName } from '../../../../server/engine/train/trainProgram.ts';
import { adapterFolder, largestDifference, openTiny, VARIANTS } from '../models/tinyModel.ts';
import { compileTraining, oracle, scaleFeed } from './trainingOracle.ts';

type Tiny = Awaited<ReturnType<typeof openTiny>>;
const batchExamples = oracle.examples.slice(0, 5);

/** Examples are cut to the positions that the model has. */
function batchFeeds({ definition: { config } }: Tiny): Map<string, HostTensor> {
  const examples = batchExamples.map(({ ids, ...example }) => ({ ...example, ids: ids.slice(0, config.maxPositions) }));
  const batch = packSequences(
    examples.map(({ ids }) => ids),
    config.keyValueHeads,
    config.heads / config.keyValueHeads,
  );
  return new Map([...batch.feeds, ...labelFeeds(examples, batch)]);
}
const rows = batchExamples.reduce((sum, { ids }) => sum + ids.length, 0);

const total = (values: Float32Array): number => values.reduce((sum, x) => sum + x, 0);

/**
 * How far the slope along the gradient itself is from its squared length, relative: it is 0 for the true gradient, and a
 * part of the gradient that is wrong shows in proportion to its share.
 */
async function slopeError(program: Program, feeds: Feeds, names: readonly string[]): Promise<number> {
  const results = await program.run(feeds, ['loss', ...names.map(gradientName)]);
  const gradients = names.map((name) => results.floats(gradientName(name)).slice());
  const square = gradients.reduce((sum, g) => sum + g.reduce((s, x) => s + x * x, 0), 0);
  const along = async (step: number): Promise<number> => {
    const moved = names.map((name, k) => {
      const { data, dims } = feeds.get(name) ?? { data: new Float32Array(), dims: [] };
      return [
        name,
        { dims, data: Float32Array.from(data as Float32Array, (x, i) => x + step * (gradients[k]?.[i] ?? NaN)) },
      ] as const;
    });
    return total((await program.run(new Map([...feeds, ...moved]), ['loss'])).floats('loss'));
  };
  const h = 2e-3 / Math.sqrt(square);
  const slope =
    (8 * ((await along(h)) - (await along(-h))) - ((await along(2 * h)) - (await along(-2 * h)))) / (12 * h);
  return Math.abs(slope / square - 1);
}

describe('buildTrainProgram', () => {
  for (const variant of VARIANTS) {
    it(`gives the slope of the loss of ${variant}, trained in full`, async () => {
      const tiny = await openTiny(variant);
      const program = await compileTraining(tiny, { kind: 'full' });
      const stored = parametersOf(tiny.definition)
        .filter((p) => !p.compute)
        .map((p) => p.name);
      const feeds = new Map([...batchFeeds(tiny), ...stored.map((name) => [name, tiny.weights.get(name)!] as const)]);
      const error = await slopeError(program, feeds, stored);
      await program.release();
      // ReLU bends: on the way along the gradient some units cross their kink.
      assert.ok(error < (variant === 'gpt2-relu-unscaled' ? 5e-3 : 1e-3), `${error}`);
    });
  }

  for (const variant of ['gpt2', 'llama', 'llama-group3-untied', 'opt', 'opt-post-norm-projected'] as const) {
    it(`gives the same loss and gradient of ${variant} where sequences share what they begin with`, async () => {
      const tiny = await openTiny(variant);
      const { config } = tiny.definition;
      const program = await compileTraining(tiny, { kind: 'full' });
      const stored = parametersOf(tiny.definition).filter((p) => !p.compute);
      const names = ['loss', ...stored.map(({ name }) => gradientName(name))];
      const [a, b] = [batchExamples[0]!.ids, batchExamples[1]!.ids];
      // A whole prompt with two completions, twice the same, a part of another, and one of its own.
      const examples = [[...a, 1, 2], [...a, 1, 3], [...a, 1, 2], a.slice(0, 3), b].map((ids) => ({
        ids,
        firstLabel: 1,
      }));
      const run = async (sharesPrefixes: boolean): Promise<{ rows: number; values: Float32Array[] }> => {
        const batch = packFor(config, examples.map(inputIds), { sharesPrefixes });
        const feeds = new Map([
          ...batch.feeds,
          ...labelFeeds(examples, batch),
          ...stored.map(({ name }) => [name, tiny.weights.get(name)!] as const),
        ]);
        const results = await program.run(feeds, names);
        return { rows: batch.rows, values: names.map((name) => results.floats(name).slice()) };
      };
      const [apart, together] = [await run(false), await run(true)];
      await program.release();
      assert.ok(together.rows < apart.rows, `${together.rows} < ${apart.rows}`);
      names.forEach((name, i) => {
        const [expected, given] = [apart.values[i]!, together.values[i]!];
        const size = Math.max(0.1, ...expected.map(Math.abs)); // That of a key's bias is 0 but for rounding.
        assert.ok(largestDifference(given, expected) < 1e-5 * size, name);
      });
    });
  }

  it('asks for no shared rows with dropout, nor where tokens see those after them', async () => {
    const asks = (graph: Graph): boolean => graph.inputs.some(({ name }) => name === 'further_rows');
    const [gpt2, bert] = [(await openTiny('gpt2')).definition, (await openTiny('bert')).definition];
    const { targets } = await readPeftFolder(adapterFolder('gpt2', 'r8'), gpt2);
    assert.ok(asks(buildTrainProgram(gpt2, { kind: 'lora', targets, dropout: false }).graph));
    assert.ok(!asks(buildTrainProgram(gpt2, { kind: 'lora', targets, dropout: true }).graph));
    assert.ok(!asks(buildTrainProgram(bert, { kind: 'full' }).graph));
  });

  it('trains every stored parameter in full, and the adapters alone with LoRA', async () => {
    const { definition } = await openTiny('llama');
    const stored = parametersOf(definition)
      .filter((p) => !p.compute)
      .map((p) => p.name);
    assert.deepEqual(buildTrainProgram(definition, { kind: 'full' }).trainable.toSorted(), stored.toSorted());
    const { targets } = await readPeftFolder(adapterFolder('llama', 'r2'), definition);
    const { trainable, graph } = buildTrainProgram(definition, { kind: 'lora', targets, dropout: false });
    assert.deepEqual(
      trainable,
      targets.flatMap((m) => [`${m.name}.lora_A`, `${m.name}.lora_B`]),
    );
    assert.deepEqual(
      graph.outputs.map((o) => o.name),
      ['loss', ...trainable.map(gradientName)],
    );
  });
});

describe('dropout', () => {
  let tiny: Tiny;
  let adapter: LoraArm;
  let program: Program;
  let feeds: Feeds;
  let names: readonly string[];

  before(async () => {
    tiny = await openTiny('gpt2');
    adapter = await readPeftFolder(adapterFolder('gpt2', 'r8'), tiny.definition);
    program = await compileTraining(tiny, { kind: 'lora', targets: adapter.targets, dropout: true });
    names = adapter.store.names;
    feeds = new Map([
      ...batchFeeds(tiny),
      ...scaleFeed(adapter)({ rows, step: 1, micro: 0 }),
      ...names.map((name) => [name, adapter.store.tensor(name, 'value')] as const),
    ]);
  });
  after(() => program.release());

  const constant = (value: number): Feeds =>
    new Map(
      adapter.targets.map((m) => [
        dropoutInput(m.name),
        { data: new Float32Array(rows * m.inFeatures).fill(value), dims: [rows, m.inFeatures] },
      ]),
    );
  const lossWith = async (masks: Feeds): Promise<number> =>
    total((await program.run(new Map([...feeds, ...masks]), ['loss'])).floats('loss'));

  it('is none with a mask of ones, and leaves the base model with a mask of zeros', async () => {
    const without = await compileTraining(tiny, { kind: 'lora', targets: adapter.targets, dropout: false });
    const plain = total((await without.run(feeds, ['loss'])).floats('loss'));
    const base = total(
      (await without.run(new Map([...feeds, ['lora_scale', { data: Float32Array.of(0), dims: [] }]]), ['loss'])).floats(
        'loss',
      ),
    );
    await without.release();
    assert.ok(Math.abs((await lossWith(constant(1))) / plain - 1) < 1e-6);
    assert.ok(Math.abs((await lossWith(constant(0))) / base - 1) < 1e-6);
    assert.ok(Math.abs(plain / base - 1) > 0.01);
  });

  it('is taken into the gradient', async () => {
    const masks = dropoutMasks({ dropout: 0.3, targets: adapter.targets }, 4, { rows, step: 1, micro: 0 });
    const error = await slopeError(program, new Map([...feeds, ...masks]), names);
    assert.ok(error < 1e-3, `${error}`);
  });
});
