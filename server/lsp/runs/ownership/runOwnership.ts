/**
 * Tracks which runs this language server owns, so that another server can take over an orphaned one. The owner holds a mark,
 * `going.json` in the run's folder, like a lock. It removes the mark when the run ends or is paused. A mark whose server is
 * gone tells the next server that nobody wanted the run to end. The mark gives no authority, since a folder may come from
 * elsewhere: startedHere.ts decides whether this installation started the run.
 */
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { noFollow } from '../../../files/plainFile.ts';
import type { OrphanedRun } from '../../../protocol/messages/runsContract.ts';
import { readMetrics } from '../../../runs/readRun.ts';
import { runFolder } from '../../../runs/runFolder.ts';
import { isAbandoned, isHeld, takeLock } from '../../../runs/runLock.ts';
import { readRuns } from './findRuns.ts';
import type { StartedHere } from './startedHere.ts';

export interface RunOwnership {
  /** Removes the mark of a run that has ended, or that waits for a person. No server then resumes it automatically. */
  giveUp(): Promise<void>;
  /**
   * Leaves the run to the next server, since this server is ending and stops the run. Synchronous, because the
   * process may end right after it.
   */
  handOver(): void;
}

const markOf = (run: string): string => join(runFolder(run).path, 'going.json');

/** Marks an existing run as owned, and notes that this installation started it. Throws RankscopeError('run') where another server owns it. */
export async function takeOwnership(run: string, here: StartedHere): Promise<RunOwnership> {
  const file = markOf(run);
  await takeLock(file);
  await here.note(run);
  return {
    giveUp: async () => {
      await here.forget(run);
      await rm(file, { force: true });
    },
    handOver: () => {
      try {
        // The mark names no owner any more, so that the next server need not wait for this process to end.
        const opened = openSync(file, constants.O_WRONLY | constants.O_TRUNC | noFollow);
        writeSync(opened, JSON.stringify({ left: true }));
        closeSync(opened);
      } catch {
        // The mark still names this process. Once it has ended, the next server sees the same.
      }
    },
  };
}

/**
 * The runs under folders that another server of this installation owns or owned, and whether that server is gone. Marks of
 * finished runs are removed. A mark that came with a folder from elsewhere is ignored.
 */
export async function orphanedRuns(
  folders: readonly string[],
  {
    isRunning,
    log,
    here,
  }: {
    readonly isRunning: (run: string) => boolean;
    readonly log: (what: string) => void;
    readonly here: StartedHere;
  },
): Promise<OrphanedRun[]> {
  return readRuns(folders, log, async (run) => {
    if (isRunning(run) || !(await isMarked(run)) || !(await here.has(run))) return undefined;
    const { mtimeMs } = await stat(runFolder(run).events);
    if ((await readMetrics(runFolder(run))) === undefined) {
      return { run, isAbandoned: await isAbandoned(markOf(run)), time: Math.round(mtimeMs) };
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
 * Waits until the engine of a server that is gone has written its checkpoint and released the run. Returns at once for a run
 * that is not orphaned.
 */
export async function waitUntilFree(run: string, signal: AbortSignal): Promise<void> {
  if (!(await isAbandoned(markOf(run)))) return;
  const end = performance.now() + patience;
  while (performance.now() < end && !signal.aborted && (await isHeld(runFolder(run).lock))) await wait(100);
}
