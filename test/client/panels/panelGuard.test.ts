import assert from 'node:assert/strict';
import { checkAsked, mayKeep } from '../../../client/panels/panelGuard.ts';
import type { PanelState } from '../../../server/protocol/messages/panelStates.ts';

const run: PanelState = { panel: 'run', run: '/w/runs/a', baseline: 'base' };
const review: PanelState = { panel: 'review', file: '/w/data.jsonl' };
const compare: PanelState = {
  panel: 'compare',
  arms: [
    { run: '/w/runs/a', arm: 'r2' },
    { run: '/w/runs/b', arm: 'r2' },
  ],
  baseline: { run: '/w/runs/a', arm: 'base' },
};

const refused = (state: PanelState, params: unknown) =>
  assert.throws(() => checkAsked(state, 'something', params), /does not show/);

describe('what a panel may ask for', () => {
  it('is its own run', () => {
    checkAsked(run, 'run.watch', { run: '/w/runs/a', points: 100 });
    refused(run, { run: '/w/runs/b', points: 100 });
  });

  it('is any run that it compares, at whatever depth it is named', () => {
    checkAsked(compare, 'compare', {
      arms: [{ run: '/w/runs/b', arm: 'r2' }],
      baseline: { run: '/w/runs/a', arm: 'x' },
    });
    refused(compare, {
      arms: [
        { run: '/w/runs/a', arm: 'r2' },
        { run: '/etc', arm: 'r2' },
      ],
    });
  });

  it('is its own file', () => {
    checkAsked(review, 'review.items', { file: '/w/data.jsonl', flaggedOnly: true });
    refused(review, { file: '/w/other.jsonl', flaggedOnly: true });
    refused(review, { run: '/w/runs/a' });
  });

  it('is a file inside its run, and none beside it', () => {
    checkAsked(run, 'openLine', { file: '/w/runs/a/arms/r2/completions.jsonl', line: 1 });
    refused(run, { file: '/w/runs/a', line: 1 });
    refused(run, { file: '/w/runs/a/../b/run.json', line: 1 });
    refused(run, { file: '/w/runs/ab/run.json', line: 1 });
  });
});

describe('devices', () => {
  it('are for their own panel alone, which has no run', () => {
    const devices: PanelState = { panel: 'devices' };
    checkAsked(devices, 'devices.install', { provider: 'cuda' });
    assert.throws(() => checkAsked(run, 'devices', null), /does not show/);
    assert.throws(() => checkAsked(run, 'devices.install', { provider: 'cuda' }), /does not show/);
    refused(devices, { run: '/w/runs/a', points: 100 });
    refused(devices, { file: '/w/data.jsonl' });
    assert.equal(mayKeep(devices, devices), true);
    assert.equal(mayKeep(devices, run), false);
  });
});

describe('what a panel may keep', () => {
  it('changes what it shows it with, not what it shows', () => {
    assert.equal(mayKeep(run, { ...run, baseline: 'full' }), true);
    assert.equal(mayKeep(run, { ...run, run: '/w/runs/b' }), false);
    assert.equal(mayKeep(run, review), false);
    assert.equal(mayKeep(review, { panel: 'review', file: '/etc/passwd' }), false);
    assert.equal(mayKeep(compare, { ...compare, baseline: { run: '/w/runs/b', arm: 'r2' } }), true);
  });
});
