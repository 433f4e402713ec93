import assert from 'node:assert/strict';
import { canResume, isLive, progressShare, progressText, runRow } from '../../../client/runs/runStatus.ts';
import { english } from '../../../server/measures/text/say.ts';
import type { RunView } from '../../../server/protocol/messages/runsContract.ts';

const view = (progress: RunView['progress'], state: RunView['state'] = 'running'): RunView => ({
  ...{ run: '/r', name: 'n', state, created: '', model: 'm', judge: 'j', experiment: 'toxicity', arms: [] },
  ...{ warnings: [], armMetrics: [], progress },
});

describe('what is said of a run', () => {
  it('names arm, step and time left, as far as they are known', () => {
    const whole = { phase: 'training', arm: 'r8', done: 12, total: 84, secondsLeft: 130 };
    assert.equal(progressText(view(whole), english), 'training r8, 12 of 84, 2 min 10 s left');
    assert.equal(progressText(view({ phase: 'evaluation' }), english), 'measuring the arms');
    assert.equal(progressText(view(undefined, 'paused'), english), 'paused');
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

  it('has its answer, name, model, day and folder beneath the pointer, in this order', () => {
    const { warnings: _, armMetrics: __, arms: ___, judge: ____, ...of } = view(undefined, 'finished');
    const summary = {
      ...of,
      name: 'three ranks',
      created: 'today',
      model: 'a model',
      experiment: 'toxicity',
      arms: [],
    };
    const answered = { ...summary, answer: 'Smallest rank shown to be safe: 8' } as const;
    assert.equal(
      runRow(answered, undefined, english).tooltip,
      'Smallest rank shown to be safe: 8\nthree ranks\na model\ntoday\n/r',
    );
    assert.equal(runRow(summary, undefined, english).tooltip, 'three ranks\na model\ntoday\n/r');
  });
});
