/**
 * How fast is training, against PyTorch + PEFT eager, compiled, and at its best (logits at labels alone, compiled, fused
 * AdamW)? LoRA of rank 8 and full fine-tuning of SmolLM2-135M on the yardstick's pairs, and LoRA on GPT-2 124M's shape
 * with every position labelled (8 x 128). Processes in turn; tokens are real ones, not padding.
 *
 *   RANKSCOPE_PYTHON=python-with-torch RANKSCOPE_YARDSTICK=folder RANKSCOPE_SMOLLM2=model.gguf \
 *     npm run bench:training -- [--rounds 3] [--steps 8] [--work lora,full,gpt2] [--against eager,labels,compile,best]
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { drawModel, drawPairs, SHAPES } from './drawnModel.ts';
import {
  checkSameLoss,
  interleave,
  opponent,
  ours,
  printRatios,
  required,
  THREADS,
  yardstickFile,
} from './interleaved.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '8' },
    work: { type: 'string', default: 'lora,full,gpt2' },
    against: { type: 'string', default: 'eager,labels,compile,best' },
  },
});

interface Trained {
  readonly tokens_per_s: number;
  readonly step_seconds: number;
  readonly losses: readonly number[];
  readonly peak_mb: number;
}

interface Work {
  readonly title: string;
  readonly model: string;
  readonly pairs: string;
  readonly arm: string;
}

const VARIANTS: Readonly<Record<string, { readonly title: string; readonly flags: readonly string[] }>> = {
  eager: { title: 'PEFT eager', flags: [] },
  labels: { title: 'PEFT eager, logits at labels', flags: ['--label-logits'] },
  compile: { title: 'torch.compile', flags: ['--compile'] },
  best: { title: 'torch.compile, logits at labels, fused AdamW', flags: ['--label-logits', '--compile', '--fused'] },
};

function compare({ title, model, pairs, arm }: Work): void {
  const work = ['--model', model, '--pairs', pairs, '--steps', values.steps];
  let first = NaN;
  const own = {
    name: 'Rankscope',
    run: () => {
      const { losses, ...figures } = ours('trainOnce.ts', ...work, '--arms', arm, '--threads', THREADS) as Trained;
      [first = NaN] = losses;
      return figures;
    },
  };
  const others = values.against.split(',').flatMap((name) => {
    const variant = VARIANTS[name];
    if (!variant) return [];
    const run = () => {
      const rank = arm === 'full' ? 0 : Number(arm);
      const { losses, tokens_per_s, step_seconds, peak_mb } = opponent(
        ...['train', ...work, '--rank', rank, ...variant.flags],
      ) as Trained;
      checkSameLoss(`${title}, ${variant.title}`, first, losses[0] ?? NaN);
      return { tokens_per_s, step_seconds, peak_mb };
    };
    return [{ name: variant.title, run }];
  });
  console.log(`\n${title}: medians of ${values.rounds} rounds of ${values.steps} steps, two warm\n`);
  printRatios(interleave([own, ...others], Number(values.rounds)), [
    { figure: 'tokens_per_s', title: 'tokens/s', larger: true },
    { figure: 'peak_mb', title: 'peak memory, MB', larger: false, digits: 0 },
  ]);
}

async function gpt2(folder: string): Promise<Work> {
  const shape = 'gpt2-124m';
  const model = await drawModel(shape, path.join(folder, shape));
  const pairs = { count: 8, length: 128, vocabulary: SHAPES[shape].vocab_size };
  const title = 'LoRA, rank 8, shape of GPT-2 124M drawn at random, 8 x 128, every position labelled';
  return { title, model, pairs: drawPairs(path.join(folder, 'pairs.jsonl'), pairs), arm: '8' };
}

const folder = mkdtempSync(path.join(tmpdir(), 'rankscope-bench-'));
try {
  const smol = () => ({ model: required('RANKSCOPE_SMOLLM2'), pairs: yardstickFile('pairs.jsonl') });
  for (const work of values.work.split(',')) {
    if (work === 'lora') compare({ title: 'LoRA, rank 8, SmolLM2-135M', arm: '8', ...smol() });
    if (work === 'full') compare({ title: 'Full fine-tuning, SmolLM2-135M', arm: 'full', ...smol() });
    if (work === 'gpt2') compare(await gpt2(folder));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
