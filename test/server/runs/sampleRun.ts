/** A small run for tests: its record, its metrics, and a folder that is removed afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sweepFileSchema } from '../../../server/protocol/sweep/experiments.ts';
import type { ArmMetrics, MetricsOf } from '../../../server/protocol/run/run.ts';
import type { RunRecord } from '../../../server/runs/runRecord.ts';

export function temporaryFolder(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'rankscope-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

export const sampleRecord: RunRecord = {
  version: 1,
  id: 'sample',
  created: '2026-01-02T03:04:05.000Z',
  sweep: sweepFileSchema.parse({
    experiment: 'toxicity',
    model: '/models/base',
    data: { prompts: { file: '/data/prompts.txt' }, pairs: { file: '/data/pairs.jsonl' } },
    arms: { ranks: [2] },
  }),
  arms: [
    { id: 'base', method: 'base', seed: 0, trainableParameters: 0 },
    { id: 'r2', method: 'lora', rank: 2, alpha: 4, seed: 0, learningRate: 5e-5, trainableParameters: 1000 },
    { id: 'full', method: 'full', seed: 0, learningRate: 5e-5, trainableParameters: 100000 },
  ],
  hashes: { model: 'a'.repeat(64), prompts: 'b'.repeat(64), pairs: 'c'.repeat(64), judge: 'd'.repeat(64) },
  versions: { rankscope: '0.1.0', onnxruntime: '1.30.0', node: 'v20.20.2' },
  device: 'cpu (2 threads)',
  platform: 'linux x64',
};

export const sampleArm = (over: Partial<ArmMetrics> & Pick<ArmMetrics, 'id' | 'method'>): ArmMetrics => ({
  seed: 0,
  trainableParameters: 1000,
  toxicity: { value: 0.5, low: 0.3, high: 0.7, n: 20 },
  unjudged: 0,
  ...over,
});

export const sampleMetrics: MetricsOf<'toxicity'> = {
  version: 2,
  experiment: 'toxicity',
  finished: '2026-01-02T03:05:05.000Z',
  arms: [sampleArm({ id: 'base', method: 'base' }), sampleArm({ id: 'r2', method: 'lora', rank: 2 })],
  notes: ['One seed: differences between arms may be chance.'],
};
