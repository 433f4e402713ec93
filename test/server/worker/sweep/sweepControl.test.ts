import assert from 'node:assert/strict';
import { RankscopeError } from '../../../../server/protocol/errors.ts';
import type { NewEvent } from '../../../../server/runs/runStore.ts';
import { loadingEvents } from '../../../../server/worker/sweep/loadingEvents.ts';
import { SweepControl } from '../../../../server/worker/sweep/sweepControl.ts';

const turn = () => new Promise((resolve) => setImmediate(resolve));
const never = new AbortController().signal;

describe('the control of a run', () => {
  it('stops the arms of the run alone, and says which there are', () => {
    const control = new SweepControl();
    const refusal = (arm: string) => {
      try {
        control.stopArm(arm);
        return undefined;
      } catch (error) {
        return error instanceof RankscopeError ? error.details : error;
      }
    };
    assert.deepEqual(refusal('r2'), {
      ...{ code: 'usage', what: '"r2" is no arm in training', remedy: 'Wait until training has begun.' },
    });
    control.announce(['r2', 'full']);
    control.stopArm('full');
    assert.deepEqual([...control.stopped], ['full']);
    assert.deepEqual(refusal('r8'), {
      ...{ code: 'usage', what: '"r8" is no arm in training', remedy: 'The arms are r2, full.' },
    });
  });

  it('holds training while it is paused, and tells of it', async () => {
    const control = new SweepControl();
    const told: string[] = [];
    await control.whilePaused(() => told.push('paused'), never);
    assert.equal(told.join(), '');
    control.pause();
    control.pause();
    const held = control.whilePaused(() => told.push('paused'), never).then(() => told.push('on'));
    await turn();
    await turn();
    assert.deepEqual(told, ['paused']);
    control.resumeTraining();
    await held;
    assert.deepEqual(told, ['paused', 'on']);
    await control.whilePaused(() => told.push('paused'), never);
    assert.deepEqual(told, ['paused', 'on']);
  });

  it('lets a paused run be cancelled', async () => {
    const control = new SweepControl();
    control.pause();
    const held = control.whilePaused(() => undefined, control.signal);
    await turn();
    control.cancel(new RangeError('enough'));
    await held;
    assert.ok(control.signal.aborted);
    const told: string[] = [];
    await control.whilePaused(() => told.push('paused'), control.signal);
    assert.equal(told.join(), '');
  });
});

describe('what is told while a model is opened', () => {
  it('is a phase for each thing, and its progress ten times a second at most, the last step always', () => {
    const events: NewEvent[] = [];
    let time = 5000;
    const told = loadingEvents(
      (event) => events.push(event),
      () => time,
    );
    const steps: readonly (readonly [at: number, what: string, done: number])[] = [
      ...([
        [0, 'a file', 0],
        [50, 'a file', 1],
        [99, 'a file', 2],
        [100, 'a file', 3],
        [199, 'a file', 4],
      ] as const),
      ...([
        [199, 'a file', 9],
        [200, 'the weights', 1],
        [201, 'the weights', 2],
      ] as const),
    ];
    for (const [at, what, done] of steps) {
      time = 5000 + at;
      told({ what, done, total: 9 });
    }
    const phase = (detail: string): NewEvent => ({ type: 'phase', phase: 'loading', detail, total: 9 });
    const progress = (done: number): NewEvent => ({ type: 'progress', phase: 'loading', done, total: 9 });
    assert.deepEqual(events, [
      phase('a file'),
      progress(0),
      progress(3),
      progress(9),
      phase('the weights'),
      progress(1),
    ]);
  });
});
