/**
 * How much of the machine's rate of matrix products does a LoRA step reach? The rate of the step (FLOPs of the products
 * that its program needs, over its whole time: element by element work, optimiser and packing included) against the best
 * of ONNX Runtime on square float32 products of 512, 1,024 and 2,048 with the second factor built in, in the same process.
 *
 *   RANKSCOPE_YARDSTICK=folder RANKSCOPE_SMOLLM2=model.gguf npm run bench:roofline -- [--rounds 3] [--steps 8]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { drawModel, drawPairs, SHAPES } from './drawnModel.ts';
import { interleave, ours, printTable, required, yardstickFile, type Figures } from './interleaved.ts';
import { median } from './median.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, steps: { type: 'string', default: '8' } },
});

const COLUMNS: readonly (readonly [figure: string, title: string, digits: number])[] = [
  ['tokens', 'tokens', 0],
  ['labels', 'labels', 0],
  ['gflops_a_step', 'GFLOP a step', 1],
  ['step_ms', 'ms a step', 0],
  ['step_gflop_s', 'GFLOP/s of the step', 0],
  ['best_gflop_s', 'best GFLOP/s', 0],
  ['share', 'share', 2],
];

const folder = mkdtempSync(path.join(tmpdir(), 'rankscope-bench-'));
try {
  const work = (model: string, pairs: string) => () =>
    ours('rooflineOnce.ts', '--model', model, '--pairs', pairs, '--steps', values.steps) as Figures;
  const gpt2 = await drawModel('gpt2-124m', path.join(folder, 'model'));
  const shape = { count: 8, length: 128, vocabulary: SHAPES['gpt2-124m'].vocab_size };
  const results = interleave(
    [
      { name: 'SmolLM2-135M, the yardstick', run: work(required('RANKSCOPE_SMOLLM2'), yardstickFile('pairs.jsonl')) },
      { name: 'GPT-2 124M, 8 x 128, all labels', run: work(gpt2, drawPairs(path.join(folder, 'pairs.jsonl'), shape)) },
    ],
    Number(values.rounds),
  );
  printTable(
    ['LoRA, rank 8', ...COLUMNS.map(([, title]) => title)],
    [...results].map(([name, rounds]) => [
      name,
      ...COLUMNS.map(([figure, , digits]) => median(rounds.map((round) => round[figure] ?? NaN)).toFixed(digits)),
    ]),
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
