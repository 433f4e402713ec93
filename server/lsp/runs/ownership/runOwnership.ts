/**
 * Which runs an editor has going. A mark, `going.json` in the run's folder, is held like a lock by the server that runs it
 * and taken away when the run ends or is paused. One whose server has gone without doing so tells the next server that
 * nobody wanted the run to end. The mark gives no authority, since a folder may come from elsewhere: startedHere.ts does.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { noFollow } from '../../../files/plainFile.ts';
import type { OrphanedRun } from '../../../protocol/runsContract.ts';
import { readMetrics } from '../../../runs/readRun.ts';
import { runFolder } from '../../../runs/runFolder.ts';
import { isAbandoned, isHeld, takeLock } from '../../../runs/runLock.ts';
import { readRuns } from './findRuns.ts';
import type { StartedHere } from './startedHere.ts';

export interface RunOwnership {
  /** The run has ended, or is to wait for a person: it is not gone on with by itself. */
  takeAway(): Promise<void>;
  /** This server ends and the run with it. Done at once: the process may have no other moment. */
  leave(): void;
}

const markOf = (run: string): string => join(runFolder(run).path, 'going.json');

/** Marks a run that is there, and notes that it was set going here. Throws RankscopeError('run') where another server has it going. */
export async function takeOwnership(run: string, here: StartedHere): Promise<RunOwnership> {
  const file = markOf(run);
  await takeLock(file);
  await here.note(run);
  return {
    takeAway: async () => {
      await here.forget(run);
      await rm(file, { force: true });
    },
    leave: () => {
      try {
        // Names no owner: the next server need not wait for this one to be gone.
        const opened = openSync(file, constants.O_WRONLY | constants.O_TRUNC | noFollow);
        writeSync(opened, JSON.stringify({ left: true }));
        closeSync(opened);
      } catch {
        // The mark names a process that is gone in a moment, which tells as much.
      }
    },
  };
}

/**
 * The runs under folders that a server of this installation has or had going, and whether it is gone; of finished ones the
 * mark is removed. A mark that came with a folder from elsewhere does nothing.
 */
export async function orphanedRuns(
  folders: readonly string[],
  {
    isGoing,
    log,
    here,
  }: {
    readonly isGoing: (run: string) => boolean;
    readonly log: (what: string) => void;
    readonly here: StartedHere;
  },
): Promise<OrphanedRun[]> {
  return readRuns(folders, log, async (run) => {
    if (isGoing(run) || !(await isMarked(run)) || !(await here.has(run))) return undefined;
    const { mtimeMs } = await stat(runFolder(run).events);
    if ((await readMetrics(runFolder(run))) === undefined) {
      return { run, left: await isAbandoned(markOf(run)), time: Math.round(mtimeMs) };
    }
    await here.forget(run);
    await rm(markOf(run), { force: true });
    return undefined;
  });
}

async function isMarked(run: string): Promise<boolean> {
  return stat(markOf(run)).then(
    () => true,
    () => false,
  );
}

/** A step of a large model and a checkpoint of it may take so long, ms. */
const patience = 120_000;

/**
 * Waits until the engine of a server that is gone has written its checkpoint and let go of the run. A run that nobody
 * left is not waited for.
 */
export async function waitUntilFree(run: string, signal: AbortSignal): Promise<void> {
  if (!(await isAbandoned(markOf(run)))) return;
  const end = performance.now() + patience;
  while (performance.now() < end && !signal.aborted && (await isHeld(runFolder(run).lock))) await wait(100);
}
