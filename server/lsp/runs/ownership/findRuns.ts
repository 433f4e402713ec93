import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errorDetails } from '../../../protocol/errors.ts';

/** Folders below a given one that are looked into: sweeps lie a few folders deep in a workspace, not more. */
const deepest = 6;
/** Folders read of one search; a workspace may hold millions. */
const mostFolders = 20_000;
/** Never holds runs, and is often large. */
const passedOver = new Set(['node_modules', '.git', '.hg', '.svn', '__pycache__', '.venv', 'venv']);

/** Folders of runs at or under `folders`, each once; what cannot be read has none. */
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
      // What lies inside a run is its own.
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

/** What is read of each run at or under `folders`; one that cannot be read is left out, and told in the log. */
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
