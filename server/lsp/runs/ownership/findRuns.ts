import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errorDetails } from '../../../protocol/errors.ts';

/**
 * How many levels of folders are searched below a given folder. Sweeps usually lie only a few levels deep in a
 * workspace.
 */
const deepest = 6;
/** Most folders that one search reads; a workspace may hold millions. */
const mostFolders = 20_000;
/** Folders that never contain runs and are often large. */
const passedOver = new Set(['node_modules', '.git', '.hg', '.svn', '__pycache__', '.venv', 'venv']);

/** Folders of runs at or under `folders`, each once. A folder that cannot be read is skipped. */
async function findRuns(folders: readonly string[]): Promise<readonly string[]> {
  const found = new Set<string>();
  const seen = new Set<string>();
  let level = folders.map((folder) => resolve(folder));
  for (let depth = 0; depth <= deepest && level.length > 0 && seen.size < mostFolders; depth++) {
    const below: string[] = [];
    for (const folder of level) {
      if (seen.has(folder) || seen.size >= mostFolders) continue;
      seen.add(folder);
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      // A folder inside a run belongs to the run, so that it is not searched.
      if (entries.some((entry) => entry.name === 'run.json' && entry.isFile())) found.add(folder);
      else
        below.push(
          ...entries.flatMap((one) => (one.isDirectory() && !passedOver.has(one.name) ? [join(folder, one.name)] : [])),
        );
    }
    level = below;
  }
  return [...found];
}

/** Reads each run at or under `folders`. A run that cannot be read is skipped and reported in the log. */
export async function readRuns<T>(
  folders: readonly string[],
  log: (what: string) => void,
  read: (run: string) => Promise<T | undefined>,
): Promise<T[]> {
  const found: T[] = [];
  for (const run of await findRuns(folders)) {
    try {
      const one = await read(run);
      if (one !== undefined) found.push(one);
    } catch (error) {
      const { what, where } = errorDetails(error);
      log(`${where ?? run}: ${what}`);
    }
  }
  return found;
}

interface Created {
  /** ISO 8601, UTC. */
  readonly created: string;
}

export function newestFirst(a: Created, b: Created): number {
  return a.created < b.created ? 1 : a.created > b.created ? -1 : 0;
}
