/**
 * One training by this engine in a process of its own. Prints one JSON object: tokens a second and the median step of the
 * steps after the first `--warm`, the losses of the first arm, and the highest memory of the process.
 */
import { parseArgs } from 'node:util';
import type { ArmPlan, StepReport, TrainingOptions } from '../server/experiments/ports/trainerPort.ts';
import { createEngineHost } from '../server/worker/host/engineModel.ts';
import { fullPlan, loraPlan, plainTraining } from '../test/server/worker/training/trainingPlans.ts';
import { median } from './median.ts';
import { readPairs } from './readPairs.ts';

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

function plan(arm: string, i: number): ArmPlan {
  const id = `${arm}-${i}`;
  return arm === 'full' ? fullPlan(2e-4, id) : loraPlan(Number(arm), 2e-4, { id });
}

const options: TrainingOptions = {
  ...plainTraining,
  length: { steps: Number(values.steps) },
  batchSize: Number(values.batch),
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
