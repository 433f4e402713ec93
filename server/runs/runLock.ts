/** A lock that admits one writer to a run. The lock file names its process, and a dead process loses the lock. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { z } from 'zod';
import { RankscopeError } from '../protocol/errors.ts';
import { diskError, systemCode } from './diskError.ts';

const lockOwner = z.object({
  pid: z.int(),
  host: z.string(),
  /** When the process started, so that a later process with the same pid is told apart; absent where that is unknown. */
  processStart: z.string().exactOptional(),
});
export type LockOwner = Readonly<z.output<typeof lockOwner>>;

export interface RunLock {
  release(): Promise<void>;
}

/** Takes the lock at `path`, if necessary from a dead owner. Throws RankscopeError('run') while its owner lives. */
export async function takeLock(path: string): Promise<RunLock> {
  // Each lock has its own id: one process may write several runs, and process ids repeat between containers.
  const own = JSON.stringify({ ...currentOwner(), lock: randomUUID() });
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await createExclusively(path, own)) return { release: () => release(path, own) };
    const owner = await readLock(path);
    if (owner && isAlive(owner)) throw alreadyRunning(path, owner);
    if (await takeOver(path, own)) return { release: () => release(path, own) };
  }
  throw alreadyRunning(path, await readLock(path));
}

/** Reads the owner of the lock; undefined where the lock is free. A lock file that cannot be parsed counts as free. */
export async function readLock(path: string): Promise<LockOwner | undefined> {
  const text = await readText(path);
  return text === undefined ? undefined : parseOwner(text);
}

/** Undefined where there is no such file. */
async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw diskError(error, path);
  }
}

/** Whether there is a lock whose owner no longer lives. */
export async function isAbandoned(path: string): Promise<boolean> {
  const text = await readText(path);
  if (text === undefined) return false;
  const owner = parseOwner(text);
  return owner === undefined || !isAlive(owner);
}

/** Whether a living process holds the lock. */
export async function isHeld(path: string): Promise<boolean> {
  const owner = await readLock(path);
  return owner !== undefined && isAlive(owner);
}

/**
 * Whether the owner still runs. A process on another machine cannot be looked up and counts as running. A process
 * that has ended keeps its pid until its parent collects its exit status, which in a container without an init
 * process may never happen.
 */
export function isAlive(owner: LockOwner): boolean {
  if (owner.host !== hostname()) return true;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
  const { state, start } = processFacts(owner.pid);
  if (state === 'Z' || state === 'X') return false;
  return start === undefined || owner.processStart === undefined || start === owner.processStart;
}

function currentOwner(): LockOwner {
  const { start } = processFacts(process.pid);
  return { pid: process.pid, host: hostname(), ...(start === undefined ? {} : { processStart: start }) };
}

/**
 * Reads fields 3 and 22 of /proc/PID/stat: the state (Z and X mean that the process has ended), and the start in
 * clock ticks since boot, which differs where a pid was used again. Empty on systems other than Linux.
 */
function processFacts(pid: number): { readonly state?: string | undefined; readonly start?: string | undefined } {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0], start: fields[19] };
  } catch {
    return {};
  }
}

function parseOwner(text: string): LockOwner | undefined {
  try {
    return lockOwner.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/** Creates the file with its content in one step, so that nobody reads an empty lock. False when it exists. */
async function createExclusively(path: string, content: string): Promise<boolean> {
  return withContent(path, content, async (temporary) => {
    try {
      await link(temporary, path);
      return true;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw error;
    }
  });
}

async function withContent<T>(path: string, content: string, use: (temporary: string) => Promise<T>): Promise<T> {
  const temporary = besides(path);
  try {
    const file = await open(temporary, 'wx');
    await file.writeFile(content);
    await file.close();
    return await use(temporary);
  } catch (error) {
    throw diskError(error, path);
  } finally {
    await rm(temporary, { force: true }).catch(() => undefined);
  }
}

/** A file name beside `path` that nobody else uses, in this process or another. */
function besides(path: string): string {
  return `${path}.${process.pid}-${Math.random().toString(36).slice(2)}`;
}

/**
 * Replaces a lock whose owner is dead. Several processes may find such a lock at once. Only the one that has
 * created the mark beside it may replace the lock. It does so in one step, so that at no moment there is no lock
 * and another process could create one. False where the lock is gone or is held by now.
 */
async function takeOver(path: string, own: string): Promise<boolean> {
  const mark = `${path}.takeover`;
  if (!(await createExclusively(mark, own))) {
    const other = await readLock(mark);
    if (other && isAlive(other)) throw alreadyRunning(path, other);
    await removeStale(mark, other);
    return false;
  }
  try {
    if (!(await isAbandoned(path))) return false;
    await withContent(path, own, (temporary) => rename(temporary, path));
    return true;
  } finally {
    await rm(mark, { force: true });
  }
}

/**
 * Moves away the mark of a process that died while it took a lock over. Two processes may find this mark at once.
 * The one that moves a fresh mark by mistake puts it back.
 */
async function removeStale(path: string, stale: LockOwner | undefined): Promise<void> {
  const aside = besides(path);
  try {
    await rename(path, aside);
    const caught = parseOwner(await readFile(aside, 'utf8'));
    if (JSON.stringify(caught) !== JSON.stringify(stale)) await link(aside, path);
  } catch (error) {
    if (!['ENOENT', 'EEXIST'].includes(systemCode(error) ?? '')) throw diskError(error, path);
  } finally {
    await rm(aside, { force: true });
  }
}

async function release(path: string, own: string): Promise<void> {
  const content = await readFile(path, 'utf8').catch(() => '');
  if (content !== own) return;
  await rm(path, { force: true }).catch((error: unknown) => {
    throw diskError(error, path);
  });
}

function alreadyRunning(path: string, owner: LockOwner | undefined): RankscopeError {
  const who = owner ? `process ${owner.pid} on ${owner.host}` : 'another process';
  return new RankscopeError({
    code: 'run',
    what: `the run is being written by ${who}`,
    where: path,
    remedy: 'Wait for it or cancel it. If that process no longer exists, delete this lock file.',
  });
}
