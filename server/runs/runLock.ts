/** One writer a run: a lock file that names its process, and that a dead process does not keep. */
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
  /** When the process started, in a form that tells it from a later one of the same pid; absent where unknown. */
  processStart: z.string().exactOptional(),
});
export type LockOwner = Readonly<z.output<typeof lockOwner>>;

export interface RunLock {
  release(): Promise<void>;
}

/** Takes the lock at `path`, from a dead owner too. Throws RankscopeError('run') while its owner lives. */
export async function takeLock(path: string): Promise<RunLock> {
  // A number of its own: one process may write several runs, and a container gives the same process ids as another.
  const own = JSON.stringify({ ...currentOwner(), lock: randomUUID() });
  for (let attempt = 0; attempt < 3; attempt += 1) {
    if (await createExclusively(path, own)) return { release: () => release(path, own) };
    const owner = await readLock(path);
    if (owner && isAlive(owner)) throw alreadyRunning(path, owner);
    if (await takeOver(path, own)) return { release: () => release(path, own) };
  }
  throw alreadyRunning(path, await readLock(path));
}

/** Who holds the lock; undefined when it is free. A lock file that cannot be understood has no living owner. */
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

/** Whether there is a lock, and nobody alive who holds it. */
export async function isAbandoned(path: string): Promise<boolean> {
  const text = await readText(path);
  if (text === undefined) return false;
  const owner = parseOwner(text);
  return owner === undefined || !isAlive(owner);
}

/** Whether somebody alive holds the lock. */
export async function isHeld(path: string): Promise<boolean> {
  const owner = await readLock(path);
  return owner !== undefined && isAlive(owner);
}

/**
 * Whether the owner still runs. On another machine that cannot be told, and it counts as running. A process that has ended
 * keeps its pid until its parent asks for its end, which in a container without an init process may be never.
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
 * Of /proc/PID/stat field 3, the state (Z and X have ended), and field 22, the start in clock ticks since boot, which is another
 * where a pid is used again. Empty off Linux.
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

/** A name that nobody else uses, in this process or another. */
function besides(path: string): string {
  return `${path}.${process.pid}-${Math.random().toString(36).slice(2)}`;
}

/**
 * Puts an own lock in the place of one that nobody alive holds. Several may find such a lock at once: only whoever has
 * made the mark beside it may replace it, and does so in one step, so that there is no moment without a lock in which
 * another could be made. False when the lock is not there, or is held by now.
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
 * Moves away the mark of a process that died while it took a lock over. Two processes may find it at once: the one
 * whose move catches a fresh mark instead puts that back.
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
