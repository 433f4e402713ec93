/** Decides what happens to orphaned runs, whose language server ended before they did. Independent of the editor. */
import { readdir } from 'node:fs/promises';
import * as path from 'node:path';
import type { OrphanedRun } from '../../server/protocol/messages/runsContract.ts';
import { fileExists } from '../workspace/fileExists.ts';

/**
 * Maximum age of an interruption for resuming a run automatically, ms. A reload takes seconds. For older runs the
 * person decides.
 */
const recent = 10 * 60_000;

export const isRecent = (time: number, now: number): boolean => now - time < recent;

export interface Sorted {
  /** Runs to resume at once. */
  readonly resume: readonly string[];
  /** Runs to ask the person about. */
  readonly ask: readonly string[];
  /** Runs whose server may be about to end. They are checked again later. */
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

/** Whether a run below one of the folders has an ownership mark. Checks file names alone, without the server. */
export async function anyOwned(folders: readonly string[]): Promise<boolean> {
  for (const folder of folders) {
    for (const name of await readdir(folder).catch(() => [])) {
      if (await fileExists(path.join(folder, name, 'going.json'))) return true;
    }
  }
  return false;
}
