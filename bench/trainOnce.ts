/**
 * One training by this engine in a process of its own. Prints one JSON object: tokens a second and the median step of the
 * steps after the first `--warm`, the losses of the first arm, and the highest memory of the process.
 */
import { parseArgs } from 'node:util';
import type { ArmPlan, StepReport, TrainingOptions } from '../server/experiments/trainerPort.ts';
import { createEngineHost } from '../server/worker/engineModel.ts';
import { median, readPairs } from './interleaved.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string', default: '' },
    pairs: { type: 'string', default: '' },
    // Ranks, or `full`; one arm each.
    arms: { type: 'string', default: '8' },
    steps: { type: 'string', default: '8' },
    warm: { type: 'string', default: '2' },
    batch: { type: 'string', default: '8' },
    threads: { type: 'string', default: '2' },
  },
});

const common = { seed: 0, orderSeed: 0, learningRate: 2e-4 };

function plan(arm: string, i: number): ArmPlan {
  const id = `${arm}-${i}`;
  if (arm === 'full') return { ...common, id, method: 'full' };
  const rank = Number(arm);
  const adapter = { rank, alpha: 2 * rank, scaling: 'lora', dropout: 0, targets: 'default' } as const;
  return { ...common, id, method: 'lora', ...adapter };
}

const options: TrainingOptions = {
  length: { steps: Number(values.steps) },
  batchSize: Number(values.batch),
  gradientAccumulation: 1,
  schedule: 'constant',
  warmup: { steps: 0 },
  weightDecay: 0,
  clip: 0,
  betas: [0.9, 0.999],
  epsilon: 1e-8,
  shuffle: false,
  appendEos: false,
  maxLength: 4096,
};

async function main(): Promise<void> {
  const threads = Number(values.threads);
  const model = await createEngineHost().openModel(values.model, { device: 'cpu', threads });
  const reports: StepReport[] = [];
  await model.train(values.arms.split(',').map(plan), readPairs(values.pairs), options, {
    onStep: (report) => reports.push(report),
    onArmFailed: (arm, { what }) => console.error(arm, what),
    onBoundary: () => Promise.resolve({ stop: [] }),
  });
  const timed = reports.filter(({ step }) => step > Number(values.warm));
  const sum = (of: (report: StepReport) => number): number => timed.reduce((total, report) => total + of(report), 0);
  console.log(
    JSON.stringify({
      tokens_per_s: sum((r) => r.tokens) / sum((r) => r.seconds),
      step_seconds: median(timed.map((r) => r.seconds)),
      losses: reports.filter(({ arm }) => arm === reports[0]?.arm).map(({ loss }) => loss),
      peak_mb: process.resourceUsage().maxRSS / 1024,
    }),
  );
  await model.dispose();
}

void main();
