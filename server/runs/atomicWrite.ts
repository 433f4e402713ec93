import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { diskError, onDisk, systemCode } from './diskError.ts';

/** Files and folders of this mark are unfinished writes: readers never look at them. */
export const unfinishedMark = '.writing-';

/**
 * Writes a whole file. A reader, also after a crash at any moment, sees either the old content or the new one, and
 * no mixture: a temporary file beside it is flushed to the disk and then renamed over it. Throws
 * RankscopeError('disk').
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = unfinished(path);
  await onDisk(path, async () => {
    try {
      const file = await open(temporary, 'wx');
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
      await syncFolder(dirname(path));
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw error;
    }
  });
}

/**
 * Lets `write` fill a folder, which then appears complete or not at all and replaces what stood at `path`. Rejects
 * with the error of `write`, and leaves the old folder as it was.
 */
export function writeFolderAtomic<T>(path: string, write: (directory: string) => Promise<T>): Promise<T> {
  return placeFolder(path, write, (temporary) => onDisk(path, () => replaceFolder(temporary, path)));
}

/**
 * Fills a temporary folder beside `path` by `write`, flushes it to the disk and has `place` move it there. Rejects with what
 * either rejects with, a fault of the file system as RankscopeError('disk'); the temporary folder is gone then.
 */
export async function placeFolder<T>(
  path: string,
  write: (directory: string) => Promise<T>,
  place: (temporary: string) => Promise<void>,
): Promise<T> {
  const temporary = unfinished(path);
  try {
    await onDisk(path, () => mkdir(temporary, { recursive: true }));
    const result = await write(temporary);
    await onDisk(path, () => flushFolder(temporary));
    await place(temporary);
    return result;
  } catch (error) {
    // What cannot be removed goes with the next start; the first error is the one to tell.
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    throw systemCode(error) === undefined ? error : diskError(error, path);
  }
}

async function replaceFolder(temporary: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { recursive: true, force: true });
  await rename(temporary, path);
  await syncFolder(dirname(path));
}

/**
 * A name that no other writer uses: neither this process, nor one with the same process id on another machine or in
 * a container.
 */
const unfinished = (path: string): string => `${path}${unfinishedMark}${process.pid}-${randomUUID().slice(0, 8)}`;

/**
 * Flushes the names in a folder to the disk. Without this, a machine that loses power may forget a file that was
 * itself flushed.
 */
export async function syncFolder(path: string): Promise<void> {
  // Windows cannot flush a folder, and does not need to.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Flushes all files, and then the folders that name them. */
async function flushFolder(directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = await open(join(entry.parentPath, entry.name), 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
  for (const folder of [...folders.reverse(), directory]) await syncFolder(folder);
}
