import assert from 'node:assert/strict';
import { needsTrust } from '../../../client/trust/needsTrust.ts';
import { runsContract } from '../../../server/protocol/messages/runsContract.ts';

/** Requests that an untrusted workspace allows: reading, ending a run, and writing labels and exports for a person. */
const harmless = [
  'runs.list',
  'runs.orphaned',
  'run.pause',
  'run.stopArm',
  'run.cancel',
  'run.watch',
  'run.completions',
  'run.densities',
  'run.learning',
  'compare',
  'labels.describe',
  'devices.timings',
  'run.export',
  'review.items',
  'review.label',
  'review.trust',
];

describe('what needs trust', () => {
  for (const method of Object.keys(runsContract)) {
    const allowed = harmless.includes(method);
    it(`${method} is ${allowed ? 'allowed' : 'refused'} without it`, () =>
      assert.equal(needsTrust(method, {}), !allowed));
  }

  it('is an export that opens the model, and no other', () => {
    assert.equal(needsTrust('run.export', { kind: 'merged' }), true);
    assert.equal(needsTrust('run.export', { kind: 'adapter' }), false);
  });
});
