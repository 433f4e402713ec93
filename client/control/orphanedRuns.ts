/** What to do with runs that a language server had going when it ended: plain decisions, no editor. */
import { readdir } from 'node:fs/promises';
import * as path from 'node:path';
import type { OrphanedRun } from '../../server/protocol/runsContract.ts';
import { fileExists } from '../workspace/fileExists.ts';

/** A reload takes seconds. What was left longer ago is somebody's to decide, ms. */
const recent = 10 * 60_000;

export const isRecent = (time: number, now: number): boolean => now - time < recent;

export interface Sorted {
  /** Gone on with at once. */
  readonly resume: readonly string[];
  /** Asked about. */
  readonly ask: readonly string[];
  /** Their server may be about to end; looked at again. */
  readonly wait: readonly string[];
}

export function sortOrphanedRuns(runs: readonly OrphanedRun[], now: number): Sorted {
  const left = runs.filter(({ left: isLeft }) => isLeft);
  const names = (some: readonly OrphanedRun[]) => some.map(({ run }) => run);
  return {
    resume: names(left.filter(({ time }) => isRecent(time, now))),
    ask: names(left.filter(({ time }) => !isRecent(time, now))),
    wait: names(runs.filter(({ left: isLeft }) => !isLeft)),
  };
}

/** Whether a run below one of the folders is marked as going: a look at names, for which no server is needed. */
export async function anyOwned(folders: readonly string[]): Promise<boolean> {
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (await fileExists(path.join(folder, name, 'going.json'))) return true;
    }
  }
  return false;
}
