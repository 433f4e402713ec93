/**
 * How fast is a sweep, against PyTorch + PEFT doing the same work? Runs both in turn, as whole processes, and prints
 * medians and ratios.
 *
 *   RANKSCOPE_PYTHON=python-with-torch RANKSCOPE_YARDSTICK=folder-of-peft_sweep.py RANKSCOPE_SMOLLM2=model.gguf npm run bench
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { engineEnvironment } from '../server/launch/engineEnvironment.ts';
import { RankscopeError } from '../server/protocol/errors.ts';

interface Result {
  readonly loraTrain: number;
  readonly fullTrain: number;
  readonly decode: number;
  readonly total: number;
  readonly peak: number;
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    ranks: { type: 'string', default: '2,4,8,16,32,64' },
    steps: { type: 'string', default: '12' },
  },
});

function required(name: string): string {
  const value = process.env[name];
  if (value) return value;
  throw new RankscopeError({ code: 'usage', what: `${name} is not set.`, remedy: 'See the head of bench/sweep.ts.' });
}

const python = required('RANKSCOPE_PYTHON');
const yardstick = required('RANKSCOPE_YARDSTICK');
const work = [
  '--model',
  required('RANKSCOPE_SMOLLM2'),
  '--train',
  path.join(yardstick, 'pairs.jsonl'),
  '--prompts',
  path.join(yardstick, 'prompts.txt'),
  '--ranks',
  values.ranks,
  '--full',
  '--steps',
  values.steps,
  '--threads',
  '2',
];
const folder = mkdtempSync(path.join(tmpdir(), 'rankscope-bench-'));

function opponent(): Result {
  const out = path.join(folder, 'peft.json');
  execFileSync(python, [path.join(yardstick, 'peft_sweep.py'), ...work, '--out', out], { stdio: 'ignore' });
  const result = JSON.parse(readFileSync(out, 'utf8')) as {
    arms: { rank: number | 'full'; train_tokens_per_s: number; generate_tokens_per_s: number }[];
    total_seconds: number;
    peak_rss_mb: number;
  };
  const lora = result.arms.filter((a) => a.rank !== 'full');
  return {
    loraTrain: median(lora.map((a) => a.train_tokens_per_s)),
    fullTrain: result.arms.find((a) => a.rank === 'full')?.train_tokens_per_s ?? NaN,
    decode: median(lora.map((a) => a.generate_tokens_per_s)),
    total: result.total_seconds,
    peak: result.peak_rss_mb,
  };
}

function ours(): Result {
  const script = path.join(import.meta.dirname, 'sweepOnce.ts');
  const result = JSON.parse(
    execFileSync(process.execPath, ['--import', 'tsx', script, ...work], {
      encoding: 'utf8',
      env: engineEnvironment(process.env),
    }),
  ) as {
    arms: { id: string; train_tokens_per_s: number }[];
    generate_tokens_per_s: number;
    total_seconds: number;
    peak_rss_mb: number;
  };
  return {
    loraTrain: median(result.arms.filter((a) => a.id !== 'full').map((a) => a.train_tokens_per_s)),
    fullTrain: result.arms.find((a) => a.id === 'full')?.train_tokens_per_s ?? NaN,
    decode: result.generate_tokens_per_s,
    total: result.total_seconds,
    peak: result.peak_rss_mb,
  };
}

function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? (sorted[middle] ?? NaN) : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

const rounds = Array.from({ length: Number(values.rounds) }, (_, i) => {
  const pair = { opponent: opponent(), ours: ours() };
  console.error(`round ${i + 1}: ${JSON.stringify(pair)}`);
  return pair;
});
const figures: readonly { key: keyof Result; name: string; larger: boolean }[] = [
  { key: 'loraTrain', name: 'LoRA training, tokens/s', larger: true },
  { key: 'fullTrain', name: 'full fine-tuning, tokens/s', larger: true },
  { key: 'decode', name: 'greedy decoding, tokens/s', larger: true },
  { key: 'total', name: 'whole sweep, seconds', larger: false },
  { key: 'peak', name: 'peak memory, MB', larger: false },
];
console.log('| figure | rankscope | PEFT | ratio |\n| --- | --- | --- | --- |');
for (const { key, name, larger } of figures) {
  const [we, they] = [median(rounds.map((r) => r.ours[key])), median(rounds.map((r) => r.opponent[key]))];
  const ratio = median(rounds.map((r) => (larger ? r.ours[key] / r.opponent[key] : r.opponent[key] / r.ours[key])));
  console.log(`| ${name} | ${we.toFixed(1)} | ${they.toFixed(1)} | ${ratio.toFixed(2)} |`);
}
