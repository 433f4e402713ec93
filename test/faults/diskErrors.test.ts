import assert from 'node:assert/strict';
import { RankscopeError } from '../../server/protocol/errors.ts';
import { withFaultyDisk } from './faultyDisk.ts';
import { scale } from './scale.ts';
import {
  buryOwner,
  differencesOf,
  leftoversOf,
  outcomeOf,
  startOrResume,
  sweeps,
  type SmallSweep,
} from './smallRuns.ts';
import { undisturbedRun } from './undisturbedRun.ts';

/** Faults of each sweep in the quick part, over all kinds. */
const points = 24;

describe('a disk that fails at a call that writes', () => {
  for (const [name, make] of Object.entries(sweeps)) {
    it(`fails a run of ${name} by name or not at all, and it then goes on to the same bytes`, async () => {
      const { calls, expected } = await undisturbedRun(make());
      const every = Math.max(1, Math.floor((3 * calls) / (points * scale)));
      let tried = 0;
      for (let at = 1; at <= calls; at += every) {
        await failAndGoOn(make(), { kind: 'error', at, code: 'EIO' }, expected);
        await failAndGoOn(make(), { kind: 'error', at, code: 'ENOSPC' }, expected);
        await failAndGoOn(make(), { kind: 'error', at, code: 'ENOSPC', lasting: true }, expected);
        tried += 3;
      }
      console.log(`      ${tried} failures over ${calls} calls`);
    });
  }

  async function failAndGoOn(
    sweep: SmallSweep,
    fault: Extract<Parameters<typeof withFaultyDisk>[1], { kind: 'error' }>,
    expected: Readonly<Record<string, unknown>>,
  ): Promise<void> {
    const { error, met } = await withFaultyDisk(sweep.run, fault, () => startOrResume(sweep));
    const where = `call ${fault.at}, ${met ?? 'none'}, ${fault.code}${fault.lasting ? ', lasting' : ''}`;
    const isNamed = error === undefined || (error instanceof RankscopeError && error.code === 'disk');
    assert.ok(isNamed, `${where}: ${String(error)}`);
    // A lock that could not be removed is its owner's until that process ends.
    buryOwner(sweep.run);
    await startOrResume(sweep).catch((second: unknown) => assert.fail(`${where}: goes on no more: ${String(second)}`));
    assert.deepEqual(differencesOf(outcomeOf(sweep.run), expected), [], where);
    assert.deepEqual(leftoversOf(sweep.run), [], where);
    sweep.remove();
  }
});
