import assert from 'node:assert/strict';
import {
  canResume,
  duration,
  isLive,
  progressShare,
  progressText,
  type Translate,
} from '../../../client/runs/runStatus.ts';
import type { RunView } from '../../../server/protocol/runsContract.ts';

const t: Translate = (message, ...values) =>
  message.replace(/\{(\d)\}/g, (_, at: string) => String(values[Number(at)]));

const view = (progress: RunView['progress'], state: RunView['state'] = 'running'): RunView => ({
  ...{ run: '/r', name: 'n', state, created: '', model: 'm', judge: 'j', experiment: 'toxicity', arms: [] },
  ...{ warnings: [], armMetrics: [], progress },
});

describe('what is said of a run', () => {
  it('tells seconds as people do', () => {
    assert.deepEqual(
      [0.2, 20, 90, 3599, 7500].map((seconds) => duration(seconds, t)),
      ['1 s', '20 s', '2 min', '1 h 0 min', '2 h 5 min'],
    );
  });

  it('names arm, step and time left, as far as they are known', () => {
    const whole = { phase: 'training', arm: 'r8', done: 12, total: 84, secondsLeft: 130 };
    assert.equal(progressText(view(whole), t), 'training r8, 12 of 84, 2 min left');
    assert.equal(progressText(view({ phase: 'evaluation' }), t), 'evaluating');
    assert.equal(progressText(view(undefined, 'paused'), t), 'paused');
  });

  it('gives no share where none is known', () => {
    assert.equal(progressShare(view({ phase: 'training', done: 21, total: 84 })), 0.25);
    assert.equal(progressShare(view({ phase: 'training', done: 0, total: 0 })), undefined);
    assert.equal(progressShare(view(undefined)), undefined);
  });

  it('resumes what ended before its end, and nothing that is live or finished', () => {
    const states = ['starting', 'running', 'paused', 'finished', 'interrupted', 'failed', 'cancelled'] as const;
    assert.deepEqual(states.filter(isLive), ['starting', 'running', 'paused']);
    assert.deepEqual(states.filter(canResume), ['interrupted', 'failed', 'cancelled']);
  });
});
