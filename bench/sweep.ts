/**
 * How fast is a sweep, against PyTorch + PEFT doing the same work? Runs both in turn, as whole processes, and prints
 * medians and ratios. Then the memory that the ranks' sweep takes (without full fine-tuning) against PEFT's for the one
 * arm of rank 8, evaluated likewise.
 *
 *   RANKSCOPE_PYTHON=python-with-torch RANKSCOPE_YARDSTICK=folder-of-peft_sweep.py RANKSCOPE_SMOLLM2=model.gguf \
 *     npm run bench -- [--rounds 5] [--ranks 2,4,8,16,32,64] [--steps 12] [--questions sweep,memory]
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { interleave, ours, python, printRatios, required, THREADS, yardstickFile } from './interleaved.ts';
import { median } from './median.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    ranks: { type: 'string', default: '2,4,8,16,32,64' },
    steps: { type: 'string', default: '12' },
    questions: { type: 'string', default: 'sweep,memory' },
  },
});

const folder = mkdtempSync(path.join(tmpdir(), 'rankscope-bench-'));

function work(ranks: string, full: boolean): readonly (string | number)[] {
  return [
    ...['--model', required('RANKSCOPE_SMOLLM2'), '--train', yardstickFile('pairs.jsonl')],
    ...['--prompts', yardstickFile('prompts.txt'), '--ranks', ranks, ...(full ? ['--full'] : [])],
    ...['--steps', values.steps, '--threads', THREADS],
  ];
}

interface SweptArm {
  readonly rank?: number | 'full';
  readonly id?: string;
  readonly train_tokens_per_s: number;
  readonly generate_tokens_per_s?: number;
}

interface Sweep {
  readonly arms: readonly SweptArm[];
  /** Ours, of base and ranks together; PEFT tells that of each arm. */
  readonly generate_tokens_per_s?: number;
  readonly total_seconds: number;
  readonly peak_rss_mb: number;
}

function peft(ranks: string, full: boolean, ...flags: readonly string[]) {
  const out = path.join(folder, 'peft.json');
  python(yardstickFile('peft_sweep.py'), ...work(ranks, full), ...flags, '--out', out);
  const result = JSON.parse(readFileSync(out, 'utf8')) as Sweep;
  const lora = result.arms.filter(({ rank }) => rank !== 'full');
  return figures(result, median(lora.map((arm) => arm.generate_tokens_per_s ?? NaN)));
}

function rankscope(ranks: string, full: boolean, ...flags: readonly string[]) {
  const result = ours('sweepOnce.ts', ...work(ranks, full), ...flags) as Sweep;
  return figures(result, result.generate_tokens_per_s ?? NaN);
}

function figures({ arms, total_seconds, peak_rss_mb }: Sweep, decode: number) {
  const isFull = ({ id, rank }: SweptArm): boolean => id === 'full' || rank === 'full';
  return {
    lora: median(arms.filter((arm) => !isFull(arm)).map((arm) => arm.train_tokens_per_s)),
    full: arms.find(isFull)?.train_tokens_per_s ?? NaN,
    decode,
    total: total_seconds,
    peak: peak_rss_mb,
  };
}

function wholeSweep(): void {
  const results = interleave(
    [
      { name: 'Rankscope', run: () => rankscope(values.ranks, true) },
      { name: 'PEFT', run: () => peft(values.ranks, true) },
    ],
    Number(values.rounds),
  );
  console.log(`\nranks ${values.ranks} and full, ${values.steps} steps: medians of ${values.rounds} rounds\n`);
  printRatios(results, [
    { figure: 'lora', title: 'LoRA training, tokens/s', larger: true },
    { figure: 'full', title: 'full fine-tuning, tokens/s', larger: true },
    { figure: 'decode', title: 'greedy decoding, tokens/s', larger: true },
    { figure: 'total', title: 'whole sweep, s', larger: false },
    { figure: 'peak', title: 'peak memory, MB', larger: false, digits: 0 },
  ]);
}

function memory(): void {
  const results = interleave(
    [
      { name: 'Rankscope, low memory', run: () => rankscope(values.ranks, false, '--low-memory') },
      { name: 'Rankscope', run: () => rankscope(values.ranks, false) },
      { name: 'PEFT, rank 8 alone', run: () => peft('8', false) },
      { name: 'PEFT, rank 8 alone, logits at labels', run: () => peft('8', false, '--label-logits') },
    ],
    1,
  );
  console.log(`\nranks ${values.ranks} with evaluation, without full fine-tuning; one run each\n`);
  printRatios(results, [
    { figure: 'peak', title: 'peak memory, MB', larger: false, digits: 0 },
    { figure: 'lora', title: 'LoRA training, tokens/s', larger: true },
    { figure: 'decode', title: 'greedy decoding, tokens/s', larger: true },
  ]);
}

try {
  const questions = values.questions.split(',');
  if (questions.includes('sweep')) wholeSweep();
  if (questions.includes('memory')) memory();
} finally {
  rmSync(folder, { recursive: true, force: true });
}
