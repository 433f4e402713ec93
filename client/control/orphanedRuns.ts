/** Decides what becomes of orphaned runs, whose language server ended before they did. Knows no editor. */
import { readdir } from 'node:fs/promises';
import * as path from 'node:path';
import type { OrphanedRun } from '../../server/protocol/messages/runsContract.ts';
import { fileExists } from '../workspace/fileExists.ts';

/** A reload takes seconds. About a run that was abandoned longer ago the person decides, ms. */
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
  const abandoned = runs.filter(({ isAbandoned }) => isAbandoned);
  const names = (some: readonly OrphanedRun[]) => some.map(({ run }) => run);
  return {
    resume: names(abandoned.filter(({ time }) => isRecent(time, now))),
    ask: names(abandoned.filter(({ time }) => !isRecent(time, now))),
    wait: names(runs.filter(({ isAbandoned }) => !isAbandoned)),
  };
}

/** Whether a run below one of the folders has a mark. It looks at file names alone, and needs no server. */
export async function anyOwned(folders: readonly string[]): Promise<boolean> {
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (await fileExists(path.join(folder, name, 'going.json'))) return true;
    }
  }
  return false;
}
