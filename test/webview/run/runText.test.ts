import assert from 'node:assert/strict';
import { notesOf } from '../../../webview/run/notesSection.ts';
import { canStopArm, possible, progressOf } from '../../../webview/run/runText.ts';
import { sampleMetrics } from '../../../scripts/panelHarness/sampleArms.ts';
import { sampleView } from '../../../scripts/panelHarness/sampleRun.ts';

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
});
