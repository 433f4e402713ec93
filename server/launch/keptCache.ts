/**
 * Lists what the cache holds and keeps it within its limit. Everything in it can be computed again, so that
 * removing an entry costs time and nothing else. Other files beside the cache, such as the notes of which runs this
 * installation has started, are ignored.
 */
import { lstat, readdir, rm } from 'node:fs/promises';
import path from 'node:path';

/** The kinds of entries, each in a folder of its own, with a description. */
export const cacheKinds = {
  weights: 'weights of models, as programs read them',
  hashes: 'hashes of files of weights',
  devices: 'timings of devices',
  verdicts: 'verdicts of judges on texts of the editor',
} as const;

export type CacheKind = keyof typeof cacheKinds;

export interface CacheEntry {
  readonly kind: CacheKind;
  readonly path: string;
  readonly bytes: number;
  /** When it was last written or used, ms since 1970. */
  readonly used: number;
}

const day = 24 * 60 * 60 * 1000;
/** An entry that was used less than three days ago may be open in a process that will read it again by its name. */
const youngest = 3 * day;

/** Names of unfinished writes: a program that is being compiled, or a file that is not complete yet. */
const unfinished = /^program-.*\.onnx$|\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]+$|\.\d+$|\.writing-/;

/** Lists every entry, the least recently used first. A folder that does not exist holds none. */
export async function cacheEntries(folder: string): Promise<readonly CacheEntry[]> {
  const entries: CacheEntry[] = [];
  for (const kind of Object.keys(cacheKinds) as CacheKind[]) {
    const room = path.join(folder, kind);
    for (const name of await names(room)) {
      const own = path.join(room, name);
      const size = await sizeOf(own);
      if (size) entries.push({ kind, path: own, ...size });
    }
  }
  return entries.sort((a, b) => a.used - b.used);
}

/** Removes all entries, or those of one kind. Returns the entries that were removed; what cannot be removed stays. */
export async function clearCache(folder: string, kind?: CacheKind): Promise<readonly CacheEntry[]> {
  const entries = await cacheEntries(folder);
  return removeAll(entries.filter((entry) => kind === undefined || entry.kind === kind));
}

/**
 * Removes the least recently used entries until the rest has at most `limit` bytes, but none that was used within
 * three days. Also removes unfinished writes of dead processes that are more than a day old. Returns the entries
 * that were removed.
 */
export async function trimCache(folder: string, limit: number, now = Date.now()): Promise<readonly CacheEntry[]> {
  await removeUnfinished(path.join(folder, 'weights'), now - day);
  await removeUnfinished(path.join(folder, 'hashes'), now - day);
  const entries = await cacheEntries(folder);
  let held = entries.reduce((sum, { bytes }) => sum + bytes, 0);
  const removed: CacheEntry[] = [];
  for (const entry of entries) {
    if (held <= limit || entry.used > now - youngest) break;
    held -= entry.bytes;
    removed.push(entry);
  }
  return removeAll(removed);
}

async function removeAll(entries: readonly CacheEntry[]): Promise<readonly CacheEntry[]> {
  const removed: CacheEntry[] = [];
  for (const entry of entries) {
    const isGone = await rm(entry.path, { recursive: true, force: true }).then(
      () => true,
      // Windows cannot remove a file that is open.
      () => false,
    );
    if (isGone) removed.push(entry);
  }
  return removed;
}

/** Removes unfinished files in `folder` and in its subfolders that were last written before `before`, ms since 1970. */
async function removeUnfinished(folder: string, before: number): Promise<void> {
  for (const name of await names(folder)) {
    const own = path.join(folder, name);
    const found = await lstat(own).catch(() => undefined);
    if (found?.isDirectory()) await removeUnfinished(own, before);
    else if (found && unfinished.test(name) && found.mtimeMs < before)
      await rm(own, { force: true }).catch(() => undefined);
  }
}

/** Bytes, and time of the last use, of a file or of all files in a folder. Links are not followed. */
async function sizeOf(own: string): Promise<{ readonly bytes: number; readonly used: number } | undefined> {
  const found = await lstat(own).catch(() => undefined);
  if (!found) return undefined;
  if (!found.isDirectory()) return { bytes: found.size, used: found.mtimeMs };
  let bytes = 0;
  let used = found.mtimeMs;
  for (const name of await names(own)) {
    const inner = await sizeOf(path.join(own, name));
    bytes += inner?.bytes ?? 0;
    used = Math.max(used, inner?.used ?? 0);
  }
  return { bytes, used };
}

/** Names in a folder. A link in its place is not followed. */
async function names(folder: string): Promise<readonly string[]> {
  const found = await lstat(folder).catch(() => undefined);
  return found?.isDirectory() ? readdir(folder).catch(() => []) : [];
}
