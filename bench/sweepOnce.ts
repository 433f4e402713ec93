/**
 * The yardstick's work done once by this engine, in a process of its own so that its peak memory is its own: base
 * completions, six ranks or those given and full fine-tuning, then next-token KL and completions of every arm. Prints one
 * JSON object with the yardstick's names.
 */
import { parseArgs } from 'node:util';
import type { TrainingOptions } from '../server/experiments/ports/trainerPort.ts';
import { kl } from '../server/metrics/distribution/kl.ts';
import { createEngineHost } from '../server/worker/host/engineModel.ts';
import { fullPlan, loraPlan, plainTraining } from '../test/server/worker/training/trainingPlans.ts';
import { readLines, readPairs } from './readPairs.ts';

const { values } = parseArgs({
  options: {
    model: { type: 'string' },
    train: { type: 'string' },
    prompts: { type: 'string' },
    ranks: { type: 'string', default: '2,4,8,16,32,64' },
    full: { type: 'boolean', default: false },
    steps: { type: 'string', default: '12' },
    threads: { type: 'string', default: '2' },
    'low-memory': { type: 'boolean', default: false },
  },
});

const started = performance.now();
const pairs = readPairs(values.train ?? '');
const prompts = readLines(values.prompts ?? '');

const plans = [
  ...values.ranks.split(',').map((rank) => loraPlan(Number(rank), 2e-4)),
  ...(values.full ? [fullPlan(2e-4)] : []),
];
const options: TrainingOptions = {
  ...plainTraining,
  length: { steps: Number(values.steps) },
  batchSize: 8,
  appendEos: false,
  maxLength: 512,
};
const greedy = { maxNewTokens: 16, temperature: 0, topK: 0, topP: 1, seed: 0, samples: 1, stop: [] };

async function main(): Promise<void> {
  const model = await createEngineHost().openModel(values.model ?? '', {
    device: 'cpu',
    threads: Number(values.threads),
    lowMemory: values['low-memory'],
  });
  const outcomes = await model.train(plans, pairs, options, {
    onStep: () => undefined,
    onArmFailed: (arm, reason) => console.error(arm, reason),
    onBoundary: () => Promise.resolve({ stop: [] }),
  });
  const trained = performance.now();
  const arms = ['base', ...plans.map((p) => p.id)];
  const divergence = new Map<string, number>(arms.map((arm) => [arm, 0]));
  await model.nextTokenLogProbabilities(arms, prompts, (_, rows) => {
    const [base] = rows;
    arms.forEach((arm, i) => {
      const row = rows[i];
      const value = base && row ? kl(base, row) : NaN;
      divergence.set(arm, (divergence.get(arm) ?? 0) + (typeof value === 'number' ? value : NaN) / prompts.length);
    });
  });
  const adapted = arms.filter((arm) => arm !== 'full');
  const decoding = performance.now();
  const completions = await model.complete(adapted, prompts, greedy);
  const seconds = (performance.now() - decoding) / 1000;
  if (values.full) await model.complete(['full'], prompts, greedy);
  const tokens = completions.reduce((sum, c) => sum + c.tokens.length, 0);
  console.log(
    JSON.stringify({
      arms: outcomes.map((o) => ({
        id: o.arm,
        train_tokens_per_s: o.trainTokensPerSecond,
        loss: o.finalLoss,
        kl: divergence.get(o.arm),
      })),
      train_seconds: (trained - started) / 1000,
      generate_tokens_per_s: tokens / seconds,
      total_seconds: (performance.now() - started) / 1000,
      peak_rss_mb: process.resourceUsage().maxRSS / 1024,
    }),
  );
  await model.dispose();
}

void main();
