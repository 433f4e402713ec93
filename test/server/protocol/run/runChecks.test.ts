import assert from 'node:assert/strict';
import {
  isStoredCompletion,
  isStoredVerdict,
  readEvent,
  readRunMetrics,
} from '../../../../server/protocol/run/runChecks.ts';
import type { ArmMetrics, RunMetrics } from '../../../../server/protocol/run/run.ts';

const arm: ArmMetrics = {
  id: 'base',
  method: 'base',
  seed: 0,
  trainableParameters: 0,
  toxicity: { value: 0.5, low: 0.25, high: 0.75, n: 8 },
  unjudged: 0,
};
const metrics: RunMetrics = {
  version: 2,
  experiment: 'toxicity',
  finished: '2026-01-01T00:00:00Z',
  arms: [arm],
  notes: [],
};

describe('checks of stored and sent run data', () => {
  it('takes every event with its fields', () => {
    assert.ok(readEvent({ time: 1, type: 'cancelled' }));
    assert.ok(readEvent({ time: 1, type: 'phase', phase: 'training' }));
    assert.ok(readEvent({ time: 1, type: 'arm-metrics', metrics: arm }));
    assert.ok(readEvent({ time: 1, type: 'finished', metrics }));
  });

  it('refuses unknown types, missing fields and numbers that are not finite', () => {
    assert.ok(!readEvent({ time: 1, type: 'constructor' }));
    assert.ok(!readEvent({ time: 1, type: 'warning' }));
    assert.ok(!readEvent({ type: 'cancelled' }));
    assert.ok(!readEvent({ time: NaN, type: 'cancelled' }));
    assert.ok(!readEvent({ time: 1, type: 'arm-metrics', metrics: { ...arm, toxicity: { n: 1 } } }));
    assert.ok(!readEvent(null));
  });

  it('refuses metrics of another version or with a broken arm', () => {
    assert.ok(readRunMetrics(metrics));
    assert.ok(!readRunMetrics({ ...metrics, version: 3 }));
    assert.ok(!readRunMetrics({ ...metrics, arms: [{ id: 'r2' }] }));
  });

  it('tells a verdict from an unjudged completion from neither', () => {
    const at = { promptIndex: 0, sample: 0, judge: 'lexicon' };
    assert.ok(isStoredVerdict({ ...at, score: 1, toxic: true }));
    assert.ok(isStoredVerdict({ ...at, unjudged: 'timed out' }));
    assert.ok(!isStoredVerdict(at));
    assert.ok(isStoredCompletion({ promptIndex: 0, sample: 0, prompt: 'a', completion: 'b', tokens: [1] }));
  });
});
