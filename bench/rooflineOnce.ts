/**
 * In one process: the best rate of float32 products that ONNX Runtime reaches on large matrices, and a LoRA step's. Prints
 * one JSON object.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { targetModules } from '../server/engine/adapters/loraTargets.ts';
import { packFor } from '../server/engine/batch/packing.ts';
import { Graph } from '../server/engine/ops/graph.ts';
import { Program } from '../server/engine/programs/program.ts';
import { Emit } from '../server/engine/ops/emit.ts';
import { inputIds, labelFeeds } from '../server/engine/train/labels.ts';
import { fitExample } from '../server/engine/train/trainExample.ts';
import { buildTrainProgram } from '../server/engine/train/trainProgram.ts';
import { OpenedModel } from '../server/worker/host/openedModel.ts';
import { loraPlan, plainTraining } from '../test/server/worker/training/trainingPlans.ts';
import { median } from './median.ts';
import { productFlops, sizesOf } from './productFlops.ts';
import { readPairs } from './readPairs.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: '' },
    pairs: { type: 'string', default: '' },
    steps: { type: 'string', default: '8' },
    threads: { type: 'string', default: '2' },
  },
});
const RANK = 8;
const BATCH = 8;
const WARM = 2;
const MAX_LENGTH = 4096;
const threads = Number(values.threads);

/** FLOP/s of the fastest run of [size, size] x [size, size], the second built in and laid out for the kernel. */
async function gemmRate(size: number): Promise<number> {
  const graph = new Graph();
  const x = graph.input('x', 'float32', ['T', size]);
  graph.output('y', new Emit(graph).Gemm(x, graph.parameter('w', [size, size])));
  const folder = mkdtempSync(path.join(tmpdir(), 'rankscope-bench-'));
  try {
    const weights = Float32Array.from({ length: size * size }, (_, i) => Math.sin(i));
    writeFileSync(path.join(folder, 'w.bin'), weights);
    const place = () => ({ location: 'w.bin', offset: 0, length: weights.byteLength });
    const program = await Program.compile(graph, { folder, place }, { threads });
    const feeds = new Map([['x', { data: weights, dims: [size, size] }]]);
    const out = new Map([['y', { data: new Float32Array(size * size), dims: [size, size] }]]);
    let best = Infinity;
    for (let run = 0; run < 20; run++) {
      const began = performance.now();
      await program.run(feeds, out);
      best = Math.min(best, (performance.now() - began) / 1000);
    }
    await program.release();
    return (2 * size ** 3) / best;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function bestRate(): Promise<number> {
  let best = 0;
  for (const size of [512, 1024, 2048]) best = Math.max(best, await gemmRate(size));
  return best;
}

/** Of a step on the pairs, packed as the trainer packs them. */
function stepFlops({ definition, tokens }: OpenedModel, pairs: ReturnType<typeof readPairs>): number {
  const examples = pairs.map(({ prompt, completion }) =>
    fitExample(tokens.encode(prompt), tokens.encode(completion), MAX_LENGTH),
  );
  const batch = packFor(definition.config, examples.map(inputIds), { sharesPrefixes: true });
  const trained = { kind: 'lora', targets: targetModules(definition, 'default'), dropout: false } as const;
  const { graph } = buildTrainProgram(definition, trained);
  const sizes = sizesOf(graph, new Map([...batch.feeds, ...labelFeeds(examples, batch)]));
  return productFlops(graph, new Map([...sizes, ['r', RANK]]));
}

async function main(): Promise<void> {
  const before = await bestRate();
  const model = await OpenedModel.open(values.model, { device: 'cpu', threads });
  const pairs = readPairs(values.pairs).slice(0, BATCH);
  const seconds: number[] = [];
  const counted = { tokens: 0, labels: 0 };
  const length = { steps: Number(values.steps) };
  await model.train(
    [loraPlan(RANK, 2e-4)],
    pairs,
    { ...plainTraining, length, batchSize: BATCH, appendEos: false, maxLength: MAX_LENGTH },
    {
      onStep: (report) => {
        if (report.step > WARM) seconds.push(report.seconds);
        Object.assign(counted, { tokens: report.tokens, labels: report.labelTokens });
      },
      onArmFailed: (_, { what }) => console.error(what),
      onBoundary: () => Promise.resolve({ stop: [] }),
    },
  );
  const flops = stepFlops(model, pairs);
  await model.dispose();
  const best = Math.max(before, await bestRate());
  const rate = flops / median(seconds);
  console.log(
    JSON.stringify({
      ...counted,
      gflops_a_step: flops / 1e9,
      step_ms: 1000 * median(seconds),
      step_gflop_s: rate / 1e9,
      best_gflop_s: best / 1e9,
      share: rate / best,
    }),
  );
}

void main();
