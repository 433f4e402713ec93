import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { onDisk } from './diskError.ts';

/** Files and folders of this mark are unfinished writes: readers never look at them. */
export const unfinishedMark = '.writing-';

/**
 * Writes a whole file so that a reader, or a crash at any moment, sees the old content or the new and nothing between:
 * a temporary file beside it is flushed to the disk, then renamed over it. Throws RankscopeError('disk').
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  const temporary = `${path}${unfinishedMark}${process.pid}`;
  await onDisk(path, async () => {
    try {
      const file = await open(temporary, 'w');
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  });
}

/**
 * Fills a folder by `write` so that it appears complete or not at all, replacing what stood at `path`. Rejects with
 * what `write` rejects with, leaving the old folder as it was.
 */
export async function writeFolderAtomic<T>(path: string, write: (directory: string) => Promise<T>): Promise<T> {
  const temporary = `${path}${unfinishedMark}${process.pid}`;
  try {
    await onDisk(path, () => rm(temporary, { recursive: true, force: true }));
    await onDisk(path, () => mkdir(temporary, { recursive: true }));
    const result = await write(temporary);
    await onDisk(path, () => syncFiles(temporary));
    await onDisk(path, () => replaceFolder(temporary, path));
    return result;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
}

async function replaceFolder(temporary: string, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { recursive: true, force: true });
  await rename(temporary, path);
}

async function syncFiles(directory: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = await open(join(entry.parentPath, entry.name), 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }
}
