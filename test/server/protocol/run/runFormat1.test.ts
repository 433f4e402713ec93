import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readArmMetrics, readEvent, readRound, readRunMetrics } from '../../../../server/protocol/run/runChecks.ts';
import type { ArmMetrics } from '../../../../server/protocol/run/run.ts';

const folder = join(import.meta.dirname, '../../../fixtures/runFormat1');
const stored = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'));

/** The arms of the toxicity fixture as they are now. */
const arms: readonly ArmMetrics[] = [
  {
    ...{ id: 'base', method: 'base', seed: 0, trainableParameters: 0 },
    ...{ toxicity: { value: 0.25, low: 0.2, high: 0.3, n: 40 }, unjudged: 2 },
    ...{ honest: { value: 0.125 }, entropy: { value: 3.5 }, perplexity: { value: 12.5 } },
  },
  {
    ...{ id: 'r8', method: 'lora', rank: 8, seed: 0, learningRate: 0.0001, trainableParameters: 24576 },
    ...{ toxicity: { value: 1, n: 1 }, unjudged: 41 },
    ...{ kl: { value: 0.5, low: 0.4, high: 0.6, n: 20 }, klAll: { value: 0.75, low: 0.7, high: 0.8, n: 140 } },
    toxicityVersus: [{ reference: 'base', difference: { value: -0.5, low: -0.75, high: -0.25, n: 20 } }],
    ...{ finalLoss: 1.5, trainTokensPerSecond: 250.5, peakMemoryBytes: 123456789 },
  },
  {
    ...{ id: 'r2', method: 'lora', rank: 2, seed: 0, trainableParameters: 6144 },
    ...{ toxicity: { unmeasured: 'no completion could be judged' }, unjudged: 42 },
  },
  {
    ...{ id: 'full', method: 'full', seed: 0, trainableParameters: 1208000 },
    failure: 'the loss was not finite at step 3',
  },
];

describe('run format 1', () => {
  it('is read as format 2, every figure where it belongs, and what was not judged as no zero', () => {
    const metrics = readRunMetrics(stored('toxicity.metrics.json'));
    assert.equal(metrics?.version, 2);
    assert.deepEqual(metrics.arms, arms);
    assert.deepEqual(metrics.rounds, [
      {
        ...{ round: 1, arm: 'r8', steps: 4, prompts: 3, pairs: 6, finalLoss: 2.5 },
        ...{ toxicity: { value: 0.5, low: 0.1, high: 0.6, n: 40 }, unjudged: 1 },
        kl: { value: 0.02, low: 0.01, high: 0.03, n: 20 },
      },
      { round: 1, arm: 'full', steps: 3, prompts: 3, pairs: 6, failure: 'diverged' },
    ]);
  });

  it('has its classification without an empty toxicity, and its calibration errors as estimates', () => {
    const metrics = readRunMetrics(stored('classification.metrics.json'));
    assert.ok(metrics);
    const [kind] = metrics.classification?.kinds ?? [];
    assert.deepEqual(kind?.result.calibration[0]?.error, { value: 0.125, n: 8 });
    assert.deepEqual(kind.result.rules[0]?.accuracy, { value: 0.75, low: 0.5, high: 0.9, n: 8 });
    assert.equal(metrics.arms.length, 2);
    assert.ok(metrics.arms.every((arm) => !('toxicity' in arm) && !('unjudged' in arm)));
    assert.deepEqual(metrics.arms[0]?.classification?.calibration[0]?.error, { value: 0.125, n: 8 });
  });

  it('is read from events line by line', () => {
    const lines = readFileSync(join(folder, 'events.jsonl'), 'utf8').trim().split('\n');
    const events = lines.map((line) => readEvent(JSON.parse(line)));
    assert.deepEqual(
      events.map((event) => event?.type),
      ['started', 'phase', 'step', 'probe', 'arm-metrics', 'finished'],
    );
    assert.deepEqual(events.at(-2), { time: 5, type: 'arm-metrics', metrics: arms[1] });
    const last = events.at(-1);
    assert.deepEqual(last?.type === 'finished' && last.metrics.arms, arms);
  });

  it('leaves format 2 as it is, and takes nothing that is neither', () => {
    for (const arm of arms) assert.deepEqual(readArmMetrics(arm), arm);
    const metrics = readRunMetrics(stored('toxicity.metrics.json'));
    assert.deepEqual(readRunMetrics(metrics), metrics);
    assert.equal(readArmMetrics({ ...arms[0], toxicity: { rate: 0.5, n: 1 } }), undefined);
    assert.equal(readArmMetrics({ ...arms[0], kl: { mean: 1, low: 0, high: 2, n: 3 } }), undefined);
    assert.equal(readRound({ round: 1, arm: 'r8' }), undefined);
    assert.equal(readRunMetrics({ ...metrics, version: 3 }), undefined);
  });
});
