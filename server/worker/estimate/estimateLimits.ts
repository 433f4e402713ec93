/** The memory and disk of this machine, or of the container in which the process runs. */
import { randomBytes } from 'node:crypto';
import { open, readFile, rm, stat, statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { dirname, join } from 'node:path';
import { getHeapSpaceStatistics, type HeapSpaceInfo } from 'node:v8';
import { onDisk } from '../../runs/diskError.ts';

/** Bytes of memory that are available without swapping: the system's, or the rest of the control group's limit. */
export async function availableMemory(): Promise<number> {
  const system = await systemMemory();
  const group =
    (await groupMemory('/sys/fs/cgroup', 'memory.max', 'memory.current')) ??
    (await groupMemory('/sys/fs/cgroup/memory', 'memory.limit_in_bytes', 'memory.usage_in_bytes'));
  return group === undefined ? system : Math.min(system, group);
}

async function systemMemory(): Promise<number> {
  const text = await readText('/proc/meminfo');
  const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(text ?? '')?.[1];
  return kilobytes === undefined ? freemem() : 1024 * Number(kilobytes);
}

/**
 * Undefined where there is no limit. Cached file pages that are not in use count as available, since the system
 * frees them on demand.
 */
async function groupMemory(folder: string, limitName: string, usageName: string): Promise<number | undefined> {
  const limit = Number(await readText(join(folder, limitName)));
  const usage = Number(await readText(join(folder, usageName)));
  if (!Number.isFinite(limit) || !Number.isFinite(usage) || limit <= 0) return undefined;
  const statistics = (await readText(join(folder, 'memory.stat'))) ?? '';
  const reclaimable = Number(/^(?:total_)?inactive_file (\d+)/m.exec(statistics)?.[1] ?? 0);
  return Math.max(0, limit - usage + reclaimable);
}

/** The largest size of V8's young generation: three half spaces of 16 MiB. */
const youngGeneration = 48 * 2 ** 20;

/** Bytes by which the young generation has yet to grow, as it will in a process that lives longer. */
export function youngRoom(
  spaces: readonly Pick<HeapSpaceInfo, 'space_name' | 'physical_space_size'>[] = getHeapSpaceStatistics(),
): number {
  const young = spaces.find(({ space_name: name }) => name === 'new_space');
  return Math.max(0, youngGeneration - (young?.physical_space_size ?? youngGeneration));
}

/** Bytes that can be written under `folder`, or under its nearest ancestor that exists. */
export async function availableDisk(folder: string): Promise<number> {
  const there = await existing(folder);
  const { bavail, bsize } = await onDisk(there, () => statfs(there));
  return bavail * bsize;
}

/** How fast files are written to a disk and flushed. */
export interface DiskSpeed {
  readonly bytesPerSecond: number;
  /** Seconds that one flush takes, even of little data. */
  readonly flush: number;
}

/**
 * Number of flushes for each file of weights: those of its writer and those of the folder that appears complete or
 * not at all.
 */
const flushesPerFile = 3;

/** Seconds that it takes to write `files` files of `bytes` bytes in all. */
export function secondsToWrite({ bytesPerSecond, flush }: DiskSpeed, bytes: number, files: number): number {
  return bytes / bytesPerSecond + flushesPerFile * files * flush;
}

/** Measures the speed of a folder's disk by writing files there and removing them. */
export async function diskSpeed(folder: string): Promise<DiskSpeed> {
  const there = await existing(folder);
  const flush = await secondsOf(there, 4096);
  const large = 2 ** 25;
  return { flush, bytesPerSecond: large / Math.max(1e-3, (await secondsOf(there, large)) - flush) };
}

async function secondsOf(folder: string, bytes: number): Promise<number> {
  const path = join(folder, `.rankscope-${randomBytes(6).toString('hex')}`);
  const content = new Uint8Array(bytes);
  return onDisk(path, async () => {
    const began = performance.now();
    try {
      const file = await open(path, 'wx');
      try {
        await file.writeFile(content);
        await file.sync();
      } finally {
        await file.close();
      }
      return (performance.now() - began) / 1000;
    } finally {
      await rm(path, { force: true });
    }
  });
}

async function existing(folder: string): Promise<string> {
  for (let at = folder; ; at = dirname(at)) {
    const there = await stat(at).then(
      (info) => info.isDirectory(),
      () => false,
    );
    if (there || at === dirname(at)) return at;
  }
}

/** An empty file counts as absent. */
async function readText(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').then(
    (text) => (text.trim() === '' ? undefined : text),
    () => undefined,
  );
}
