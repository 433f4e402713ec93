import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { rememberedHash } from './hashMemory.ts';
import { unreadable } from './weightFile.ts';

let memory: string | undefined;

/** Lets this process find hashes that earlier ones made, and keep its own, in a folder; it does neither unless told. */
export function keepHashesIn(folder: string): void {
  memory = folder;
}

/** Hashes made in this process, by the files' paths, sizes and times of change. */
const known = new Map<string, Promise<string>>();

/**
 * SHA-256 (hex) of the files' content, one after the other in the order given. Read in pieces; remembered within the
 * process while no file's size or time of change differs, and beyond it where `keepHashesIn` has named a folder.
 * Throws RankscopeError('model' or 'disk') when one cannot be read.
 */
export async function hashFiles(paths: readonly string[]): Promise<string> {
  const key = JSON.stringify(await Promise.all(paths.map(identify)));
  let hash = known.get(key);
  if (hash === undefined) {
    const compute = (): Promise<string> => computeHash(paths);
    hash = memory === undefined ? compute() : rememberedHash(memory, paths, compute);
    known.set(key, hash);
    // A failure is not remembered: the disk may work the next time.
    hash.catch(() => known.delete(key));
  }
  return hash;
}

async function identify(path: string): Promise<readonly [string, number, number]> {
  const { size, mtimeMs } = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  return [path, size, mtimeMs];
}

async function computeHash(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    try {
      for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
    } catch (error) {
      throw unreadable(path, error);
    }
  }
  return hash.digest('hex');
}
