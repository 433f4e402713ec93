import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** A file that was changed so shortly before it was hashed may be changed again without its times telling. */
const SETTLED = 2000;

/**
 * The hash of files, from `folder` where it was kept there by an earlier process, else from `compute`. Files are known
 * again by path, inode, size and the times of their last change; the system sets one of these itself, so that no program
 * which changes a file can put them all back. What cannot be read or kept is computed anew.
 * Throws what `compute` throws.
 */
export async function rememberedHash(
  folder: string,
  files: readonly string[],
  compute: () => Promise<string>,
  now: () => number = Date.now,
): Promise<string> {
  const began = now();
  const found = await identify(files);
  if (!found) return compute();
  const key = createHash('sha256').update(found.identity).digest('hex');
  const memory = path.join(folder, key.slice(0, 32));
  const kept = await readFile(memory, 'utf8').catch(() => '');
  const [, identity, hash] = /^(.*)\n([0-9a-f]{64})\n$/s.exec(kept) ?? [];
  if (identity === found.identity && hash !== undefined) return hash;
  const computed = await compute();
  // A file that changed meanwhile has the hash of neither content.
  const isSame = (await identify(files))?.identity === found.identity;
  if (isSame && found.changed < began - SETTLED) await keep(memory, `${found.identity}\n${computed}\n`);
  return computed;
}

interface Identified {
  readonly identity: string;
  /** When the last of the files was changed, ms. */
  readonly changed: number;
}

/** Undefined where a file is not there. */
async function identify(files: readonly string[]): Promise<Identified | undefined> {
  try {
    const found = await Promise.all(files.map((file) => stat(file, { bigint: true })));
    const lines = found.map(({ ino, size, mtimeNs, ctimeNs }, i) =>
      JSON.stringify([path.resolve(files[i] ?? ''), ...[ino, size, mtimeNs, ctimeNs].map(String)]),
    );
    const changed = Math.max(...found.map(({ mtimeMs, ctimeMs }) => Math.max(Number(mtimeMs), Number(ctimeMs))));
    return { identity: lines.join('\n'), changed };
  } catch {
    return undefined;
  }
}

/** Whole or not at all; what cannot be kept costs the next process the time that this one took. */
async function keep(memory: string, text: string): Promise<void> {
  const unfinished = `${memory}.${randomUUID()}`;
  try {
    await mkdir(path.dirname(memory), { recursive: true });
    await writeFile(unfinished, text);
    await rename(unfinished, memory);
  } catch {
    return;
  }
}
