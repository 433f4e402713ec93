import { lstat, readdir, rename, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RankscopeError } from '../protocol/errors.ts';
import { placeFolder, syncFolder } from './atomicWrite.ts';
import { diskError, onDisk, systemCode } from './diskError.ts';

/**
 * Throws RankscopeError('run') unless `path` is free or an empty folder. A link is refused, since the folder behind
 * it would be written. What stands at `path` stays as it is.
 */
export async function assertNewFolder(path: string): Promise<void> {
  try {
    const found = await lstat(path);
    if (!found.isDirectory()) throw occupied(path, found.isSymbolicLink() ? 'a link' : 'a file');
    const entries = await readdir(path);
    if (entries.includes('run.json')) throw occupied(path, 'a run');
    if (entries.length > 0) throw occupied(path, 'a folder that is not empty');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return;
    throw error instanceof RankscopeError ? error : diskError(error, path);
  }
}

/**
 * Lets `write` fill a new or empty folder, which then appears complete or not at all. Nothing that stands at `path`
 * is replaced, even where it appears during the writing. Rejects with the error of `write`, and as assertNewFolder
 * does.
 */
export async function writeNewFolder<T>(path: string, write: (directory: string) => Promise<T>): Promise<T> {
  await assertNewFolder(path);
  return placeFolder(path, write, async (temporary) => {
    await assertNewFolder(path);
    await onDisk(path, () => moveInto(temporary, path));
  });
}

/** Replaces an empty folder, and no other. */
async function moveInto(temporary: string, path: string): Promise<void> {
  await rmdir(path).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error;
  });
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

function occupied(where: string, what: string): RankscopeError {
  return new RankscopeError({
    code: 'run',
    where,
    what: `There is ${what} already.`,
    remedy: 'Choose a folder that is new or empty.',
  });
}
