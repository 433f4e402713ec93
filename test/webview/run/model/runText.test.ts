import assert from 'node:assert/strict';
import { notesOf } from '../../../../webview/run/sections/notesSection.ts';
import {
  armStateText,
  canStopArm,
  possible,
  progressOf,
  runStateText,
  stateSign,
} from '../../../../webview/run/model/runText.ts';
import { sampleMetrics } from '../../../../scripts/panelHarness/sampleArms.ts';
import { sampleView } from '../../../../scripts/panelHarness/sampleRun.ts';

const running = sampleView({ state: 'running', step: 100, of: 400 });

describe('what is said of a run', () => {
  it('is how far it is and how long it will take', () => {
    assert.deepEqual(progressOf(running), { text: 'Training · 100 of 400 · about 30 s left', share: 0.25 });
  });

  it('is no time while it is paused, no share of an unknown whole, and nothing once it has ended', () => {
    const paused = progressOf({ ...running, state: 'paused' });
    assert.equal(paused?.text, 'Training · 100 of 400');
    assert.deepEqual(progressOf({ ...running, progress: { phase: 'report' } }), { text: 'Writing the report' });
    assert.equal(progressOf({ ...running, state: 'finished' }), undefined);
  });

  it('is what can be done to it', () => {
    assert.deepEqual(possible('running'), { pause: true, continue: false, stop: true, resume: false });
    assert.deepEqual(possible('paused'), { pause: false, continue: true, stop: true, resume: false });
    assert.deepEqual(possible('interrupted'), { pause: false, continue: false, stop: false, resume: true });
    assert.equal(canStopArm('running', 'training', 'lora'), true);
    assert.equal(canStopArm('running', 'training', 'base'), false);
    assert.equal(canStopArm('finished', 'training', 'lora'), false);
  });

  it('is its failures before its warnings before its notes, each once', () => {
    const arms = sampleMetrics.arms.map((arm) => (arm.id === 'r2' ? { ...arm, failure: 'diverged' } : arm));
    const view = sampleView({
      state: 'failed',
      step: 1,
      of: 4,
      failure: 'killed',
      metrics: { ...sampleMetrics, arms },
    });
    const notes = notesOf({
      ...view,
      warnings: ['slow', 'slow'],
      arms: view.arms.map((arm) =>
        arm.description.id === 'r2' ? { ...arm, state: 'failed', reason: 'diverged' } : arm,
      ),
    });
    assert.deepEqual(notes.map(({ kind, text }) => `${kind} ${text}`).slice(0, 4), [
      'failure killed',
      'failure r2: diverged',
      'warning slow',
      `note ${sampleMetrics.notes[0]}`,
    ]);
  });

  it('has a word and a sign for every state of a run and of an arm', () => {
    const runs = ['starting', 'running', 'paused', 'finished', 'interrupted', 'failed', 'cancelled'] as const;
    assert.deepEqual(
      runs.map((state) => `${stateSign(state)} ${runStateText(state)}`),
      [
        ...['◌ starting', '▶ running', '⏸ paused', '✔ finished'],
        ...['⚠ interrupted: its engine is gone', '✖ failed', '■ stopped'],
      ],
    );
    const arms = ['waiting', 'training', 'trained', 'stopped', 'failed', 'finished'] as const;
    assert.deepEqual(
      arms.map((state) => `${stateSign(state)} ${armStateText(state)}`),
      ['◌ waiting', '▶ training', '◆ trained', '■ stopped', '✖ failed', '✔ finished'],
    );
  });

  it('names phase, detail and arm, and never more than all of it', () => {
    const progress = {
      phase: 'training',
      detail: 'round 2 of 3',
      arm: 'r8',
      done: 9,
      total: 4,
      secondsLeft: 7500,
    } as const;
    assert.deepEqual(progressOf({ ...running, progress }), {
      text: 'Training · round 2 of 3 · r8 · 9 of 4 · about 2 h 5 min left',
      share: 1,
    });
    assert.deepEqual(progressOf({ ...running, progress: { phase: 'training', done: 0, total: 0 } }), {
      text: 'Training · 0 of 0',
    });
    assert.equal(progressOf({ ...running, state: 'starting' }), undefined);
  });

  it('lets only what goes on be paused, stopped or resumed', () => {
    const none = { pause: false, continue: false, stop: false, resume: false };
    assert.deepEqual(possible('starting'), { ...none, stop: true });
    assert.deepEqual(possible('finished'), none);
    assert.deepEqual(possible('failed'), { ...none, resume: true });
    assert.deepEqual(possible('cancelled'), { ...none, resume: true });
    assert.ok(canStopArm('paused', 'waiting', 'full'));
    assert.ok(!canStopArm('starting', 'waiting', 'full') && !canStopArm('running', 'trained', 'full'));
  });
});
