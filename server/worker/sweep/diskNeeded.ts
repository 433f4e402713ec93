/** Checks before any training that the disk has room for a run. */
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RankscopeError } from '../../protocol/errors.ts';
import type { ArmDescription } from '../../protocol/run/run.ts';
import type { AnySweep } from '../../protocol/sweep/experiments.ts';

/** Bytes of a parameter, and of a parameter with both of its moments. */
const [VALUE, STATE] = [4, 12];

/**
 * The most bytes that a run's arms and checkpoints take. A checkpoint holds parameters and moments of the arms in
 * training (LoRA arms together, full arms one at a time) and the parameters of the others. Two are kept, and a
 * third is written before the oldest is removed.
 */
export function runBytes(
  arms: readonly Pick<ArmDescription, 'method' | 'trainableParameters'>[],
  sweep: Pick<AnySweep, 'checkpointEverySteps'>,
): number {
  const sizes = (method: ArmDescription['method']): readonly number[] =>
    arms.flatMap((arm) => (arm.method === method ? [arm.trainableParameters] : []));
  const lora = sizes('lora').reduce((sum, size) => sum + size, 0);
  const full = sizes('full');
  const all = lora + full.reduce((sum, size) => sum + size, 0);
  const inTraining = Math.max(lora, ...full);
  const checkpoint = VALUE * all + (STATE - VALUE) * inTraining;
  const cut = sizes('cut').reduce((sum, size) => sum + size, 0);
  return VALUE * (all + cut) + (sweep.checkpointEverySteps > 0 ? 3 * checkpoint : 0);
}

/** Throws RankscopeError('disk') where the file system of `run` has less room than its arms need. */
export async function assertRoom(
  run: string,
  bytes: number,
  free: (path: string) => Promise<number> = freeBytes,
): Promise<void> {
  const room = await free(dirname(run));
  if (room >= bytes) return;
  throw new RankscopeError({
    code: 'disk',
    what: `the run may write ${mebibytes(bytes)} of weights and checkpoints, and the disk has ${mebibytes(room)} left`,
    where: run,
    remedy: 'Free some space, leave full fine-tuning out, or set "checkpointEverySteps" to 0.',
  });
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** Free bytes at the nearest ancestor that exists. Infinite where the system does not report them. */
async function freeBytes(path: string): Promise<number> {
  try {
    const { bavail, bsize } = await statfs(path);
    return bavail * bsize;
  } catch {
    return dirname(path) === path ? Infinity : freeBytes(dirname(path));
  }
}
