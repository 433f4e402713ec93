/**
 * How do peak memory and time of LoRA training grow with the number of arms, the length of sequences and the size of the
 * model? Every point is a process of its own on a model drawn at random; growth is the slope of a least-squares line
 * through the logarithms.
 *
 *   npm run bench:scaling -- [--against arms,length,size] [--steps 4] [--arms 1,2,3,6,12] [--lengths 32,64,...,1024]
 *
 * Sequences are labelled at every position. Beside the arms stands what a sweep of ranks 2 to 64 takes of one arm's memory,
 * on SmolLM2-135M where RANKSCOPE_SMOLLM2 and RANKSCOPE_YARDSTICK are set.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { drawModel, drawPairs, SHAPES, type ShapeName } from './drawnModel.ts';
import { ours, printTable, yardstickFile } from './interleaved.ts';

const { values } = parseArgs({
  options: {
    against: { type: 'string', default: 'arms,length,size' },
    steps: { type: 'string', default: '4' },
    arms: { type: 'string', default: '1,2,3,6,12' },
    lengths: { type: 'string', default: '32,64,128,256,512,1024' },
    shape: { type: 'string', default: 'llama-42m' },
  },
});
const SIZES: readonly ShapeName[] = ['llama-15m', 'llama-42m', 'llama-135m'];

interface Point {
  readonly x: number;
  /** MB */
  readonly memory: number;
  /** Of one step of all arms, seconds. */
  readonly seconds: number;
}

interface Training {
  readonly model: string;
  readonly pairs: string;
  readonly arms: readonly (number | string)[];
  readonly batch: number;
}

/** Converts the weights in a process of its own, so that they are on disk for those that are measured. */
async function prepared(shape: ShapeName): Promise<string> {
  const model = await drawModel(shape, path.join(folder, shape));
  ours('trainOnce.ts', '--model', model, '--pairs', pairsOf(shape, 8, 1), '--steps', 1, '--batch', 1);
  return model;
}

function train({ model, pairs, arms, batch }: Training): Omit<Point, 'x'> {
  const { peak_mb, step_seconds } = ours(
    ...(['trainOnce.ts', '--model', model, '--pairs', pairs, '--arms', arms.join()] as const),
    ...['--batch', batch, '--steps', values.steps, '--warm', 1],
  ) as { peak_mb: number; step_seconds: number };
  return { memory: peak_mb, seconds: step_seconds * arms.length };
}

/** Slope of the least-squares line through (log x, log y). */
function growth(points: readonly Point[], of: (point: Point) => number): number {
  const xs = points.map(({ x }) => Math.log(x));
  const ys = points.map((point) => Math.log(of(point)));
  const mean = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0) / list.length;
  const [mx, my] = [mean(xs), mean(ys)];
  const over = xs.reduce((sum, x, i) => sum + (x - mx) * ((ys[i] ?? NaN) - my), 0);
  return over / xs.reduce((sum, x) => sum + (x - mx) ** 2, 0);
}

function print(title: string, unit: string, points: readonly Point[]): void {
  console.log(`\n${title}\n`);
  printTable(
    [unit, 'peak memory, MB', 'a step of all arms, s'],
    [
      ...points.map(({ x, memory, seconds }) => [x.toFixed(0), memory.toFixed(0), seconds.toFixed(3)]),
      ['growth exponent', growth(points, (p) => p.memory).toFixed(2), growth(points, (p) => p.seconds).toFixed(2)],
    ],
  );
}

const folder = mkdtempSync(path.join(tmpdir(), 'rankscope-bench-'));

const pairsOf = (shape: ShapeName, length: number, count: number): string =>
  drawPairs(path.join(folder, `${shape}-${length}-${count}.jsonl`), {
    ...{ count, length },
    vocabulary: SHAPES[shape].vocab_size,
  });

const told = (x: number, point: Omit<Point, 'x'>): Point => {
  console.error(`${x}: ${JSON.stringify(point)}`);
  return { x, ...point };
};

function againstArms(shape: ShapeName, model: string): void {
  const pairs = pairsOf(shape, 32, 8);
  const points = values.arms.split(',').map((n) => {
    const arms = Array.from({ length: Number(n) }, () => 8);
    return told(Number(n), train({ model, pairs, arms, batch: 8 }));
  });
  print(`arms of rank 8, ${shape}, 8 x 32 tokens`, 'arms', points);
  const smollm2 = process.env.RANKSCOPE_SMOLLM2;
  if (!smollm2 || !process.env.RANKSCOPE_YARDSTICK) return;
  const work = { model: smollm2, pairs: yardstickFile('pairs.jsonl'), batch: 8 };
  const one = train({ ...work, arms: [8] }).memory;
  const cases = { 'six arms of rank 8': [8, 8, 8, 8, 8, 8], 'ranks 2 to 64': [2, 4, 8, 16, 32, 64] };
  console.log(`\nSmolLM2-135M: one arm of rank 8 takes ${one.toFixed(0)} MB\n`);
  printTable(
    ['', 'peak memory, MB', 'times one arm'],
    Object.entries(cases).map(([name, arms]) => {
      const { memory } = train({ ...work, arms });
      return [name, memory.toFixed(0), (memory / one).toFixed(3)];
    }),
  );
}

function againstLength(shape: ShapeName, model: string): void {
  const points = values.lengths.split(',').map((n) => {
    const pairs = pairsOf(shape, Number(n), 2);
    return told(Number(n), train({ model, pairs, arms: [8], batch: 2 }));
  });
  print(`sequence length, ${shape}, batches of 2, rank 8`, 'tokens a sequence', points);
}

async function againstSize(): Promise<void> {
  const points: Point[] = [];
  for (const shape of SIZES) {
    const model = await prepared(shape);
    const millions = Number(/\d+/.exec(shape)?.[0]);
    points.push(told(millions, train({ model, pairs: pairsOf(shape, 32, 8), arms: [8], batch: 8 })));
  }
  print('model size, 8 x 32 tokens, rank 8', 'million parameters', points);
}

try {
  const questions = values.against.split(',');
  const shape = Object.keys(SHAPES).find((name): name is ShapeName => name === values.shape) ?? 'llama-42m';
  const model = await prepared(shape);
  if (questions.includes('arms')) againstArms(shape, model);
  if (questions.includes('length')) againstLength(shape, model);
  if (questions.includes('size')) await againstSize();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
