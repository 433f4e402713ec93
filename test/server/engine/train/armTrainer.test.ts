import assert from 'node:assert/strict';
import { readPeftFolder } from '../../../../server/engine/adapters/peftFolder.ts';
import { Graph } from '../../../../server/engine/ops/graph.ts';
import { Program } from '../../../../server/engine/programs/program.ts';
import { Emit } from '../../../../server/engine/ops/emit.ts';
import { ArmTrainer, type ArmFeeds, type StepOptions } from '../../../../server/engine/train/armTrainer.ts';
import { ParameterStore, type Section } from '../../../../server/engine/optimiser/parameterStore.ts';
import type { TrainExample } from '../../../../server/engine/train/trainExample.ts';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import { adapterFolder, openTiny } from '../models/tinyModel.ts';
import { relativeError } from '../onnx/runGraph.ts';
import { ADAMW, compileTraining, oracle, scaleFeed } from './trainingOracle.ts';

const options: StepOptions = { ...ADAMW, step: 1, learningRate: 1e-2, clip: 0, weightDecay: 0.1 };
const KEPT: readonly Section[] = ['value', 'firstMoment', 'secondMoment'];

/** Copies of all that a step may change for good. */
const snapshot = (store: ParameterStore): Float32Array[] =>
  store.names.flatMap((name) => KEPT.map((section) => store.tensor(name, section).data.slice()));

const diverged =
  (...words: readonly string[]) =>
  (error: unknown): boolean =>
    error instanceof RankscopeError && error.code === 'diverged' && words.every((word) => error.message.includes(word));

const { examples } = oracle;

describe('ArmTrainer', () => {
  let tiny: Awaited<ReturnType<typeof openTiny>>;
  let program: Program;

  const openArm = async (armFeeds?: ArmFeeds): Promise<ArmTrainer> => {
    const adapter = await readPeftFolder(adapterFolder('llama', 'r8'), tiny.definition);
    const feeds = armFeeds ?? scaleFeed(adapter);
    return new ArmTrainer({ id: 'r8', store: adapter.store, program, config: tiny.definition.config, armFeeds: feeds });
  };

  before(async () => {
    tiny = await openTiny('llama');
    const { targets } = await readPeftFolder(adapterFolder('llama', 'r8'), tiny.definition);
    program = await compileTraining(tiny, { kind: 'lora', targets, dropout: false });
  });
  after(() => program.release());

  it('weighs the micro-batches of a step by their labels, so that it is a step over all of them', async () => {
    const [whole, parts] = [await openArm(), await openArm()];
    const all = examples.slice(0, 6);
    const one = await whole.step([all], options);
    const several = await parts.step([all.slice(0, 1), all.slice(1, 5), all.slice(5)], options);
    assert.ok(relativeError([several.loss, several.gradientNorm], [one.loss, one.gradientNorm]) < 1e-6);
    assert.deepEqual([several.tokens, several.labelTokens], [one.tokens, one.labelTokens]);
    for (const name of whole.store.names) {
      const [a, b] = [parts.store.tensor(name, 'gradient').data, whole.store.tensor(name, 'gradient').data];
      assert.ok(relativeError(a, b) < 1e-5, name);
    }
  });

  it('counts every token, and as labels those from the first label on but never the first token', async () => {
    const batch: TrainExample[] = [
      { ids: [1, 2, 3, 4, 5], firstLabel: 3 },
      { ids: [6, 7, 8], firstLabel: 0 },
    ];
    const { tokens, labelTokens } = await (await openArm()).step([batch], options);
    assert.deepEqual([tokens, labelTokens], [8, 2 + 2]);
  });

  it('repeats a step bit for bit from the same start', async () => {
    const [first, second] = [await openArm(), await openArm()];
    await first.step([examples.slice(0, 4)], options);
    await second.step([examples.slice(0, 4)], options);
    assert.deepEqual(snapshot(second.store), snapshot(first.store));
  });

  it('clips the gradient of the mean loss to the norm that is asked for', async () => {
    const [clipped, scaled] = [await openArm(), await openArm()];
    // With beta1 0 and a large epsilon a step is proportional to its gradient.
    const plain = { ...options, weightDecay: 0, beta1: 0, beta2: 0, epsilon: 1e6, learningRate: 1e6 };
    const before = snapshot(clipped.store);
    const { gradientNorm } = await clipped.step([examples.slice(0, 4)], { ...plain, clip: 0.5 });
    await scaled.step([examples.slice(0, 4)], { ...plain, learningRate: (1e6 * 0.5) / gradientNorm });
    assert.ok(gradientNorm > 1);
    const moves = (trainer: ArmTrainer): number[] =>
      snapshot(trainer.store).flatMap((x, i) =>
        i % KEPT.length === 0 ? [...x.map((y, k) => y - (before[i]?.[k] ?? NaN))] : [],
      );
    assert.ok(relativeError(moves(clipped), moves(scaled)) < 1e-4);
    assert.ok(Math.abs(Math.hypot(...moves(clipped)) - 0.5) < 1e-3);
  });

  it('leaves a gradient below the bound as it is', async () => {
    const [free, bounded] = [await openArm(), await openArm()];
    await free.step([examples.slice(0, 4)], options);
    await bounded.step([examples.slice(0, 4)], { ...options, clip: 1e6 });
    assert.deepEqual(snapshot(bounded.store), snapshot(free.store));
  });

  it('stops at a loss that is not finite, with weights and moments bit for bit as they were', async () => {
    for (const scale of [NaN, Infinity, 1e38]) {
      const trainer = await openArm(
        ({ step }) => new Map([['lora_scale', { data: Float32Array.of(step > 2 ? scale : 2), dims: [] }]]),
      );
      await trainer.step([examples.slice(0, 4)], { ...options, step: 1 });
      await trainer.step([examples.slice(4, 8)], { ...options, step: 2 });
      const before = snapshot(trainer.store);
      await assert.rejects(
        trainer.step([examples.slice(8, 12)], { ...options, step: 3 }),
        diverged('arm r8, step 3', 'loss'),
      );
      assert.deepEqual(snapshot(trainer.store), before);
    }
  });

  it('stops at the micro-batch of a step whose loss is not finite', async () => {
    const trainer = await openArm(
      ({ micro }) => new Map([['lora_scale', { data: Float32Array.of(micro === 1 ? NaN : 2), dims: [] }]]),
    );
    const before = snapshot(trainer.store);
    const micros = [examples.slice(0, 2), examples.slice(2, 4), examples.slice(4, 6)];
    await assert.rejects(trainer.step(micros, options), diverged('the loss'));
    assert.deepEqual(snapshot(trainer.store), before);
  });

  it('stops at a gradient that is not finite though the loss is, and names the parameter', async () => {
    const trainer = new ArmTrainer({
      id: 'full',
      store: new ParameterStore([
        { name: 'kept', shape: [3] },
        { name: 'w', shape: [2, 2] },
      ]),
      program: await infiniteGradient(),
      config: tiny.definition.config,
      armFeeds: () => new Map(),
    });
    trainer.store.tensor('w', 'value').data.fill(0.5);
    const before = snapshot(trainer.store);
    await assert.rejects(trainer.step([examples.slice(0, 2)], options), diverged('arm full, step 1', 'gradient of w'));
    assert.deepEqual(snapshot(trainer.store), before);
  });
});

/** A program whose loss is its labels, and whose gradient of `w` is infinite. */
async function infiniteGradient(): Promise<Program> {
  const graph = new Graph();
  const e = new Emit(graph);
  graph.output('loss', e.Cast(graph.input('labels', 'int64', ['N', 1]), 'float32'));
  graph.output('gradient.kept', e.Neg(graph.parameter('kept', [3])));
  const w = graph.parameter('w', [2, 2]);
  graph.output('gradient.w', e.Div(w, e.ZerosLike(w)));
  return Program.compile(graph, new Map(), { threads: 1 });
}
