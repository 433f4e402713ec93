import assert from 'node:assert/strict';
import { withFaultyDisk } from './faultyDisk.ts';
import { outcomeOf, startOrResume, type SmallSweep } from './smallRuns.ts';

/** Runs a sweep with nothing in its way: the calls that write, and what comes out. It must end without an error. */
export async function undisturbedRun(
  sweep: SmallSweep,
): Promise<{ readonly calls: number; readonly expected: ReturnType<typeof outcomeOf> }> {
  try {
    const { calls, error } = await withFaultyDisk(sweep.run, undefined, () => startOrResume(sweep));
    assert.ifError(error);
    return { calls, expected: outcomeOf(sweep.run) };
  } finally {
    sweep.remove();
  }
}
