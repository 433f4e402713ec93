/**
 * A disk that fails at the nth call, in this process: the functions of node:fs by which the product writes are replaced for as
 * long as some work lasts. Calls outside the folder that is watched go through, and so do calls that only read.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { open, type FileHandle } from 'node:fs/promises';
import { resolve, sep } from 'node:path';

export type DiskFault =
  /** The process dies before the call, or within it: half of what it was to write is written. Nothing is written any more. */
  | { readonly kind: 'crash'; readonly at: number; readonly torn?: boolean }
  /** The call fails, and with `lasting` all that write after it do as well. */
  | { readonly kind: 'error'; readonly at: number; readonly code: 'EIO' | 'ENOSPC'; readonly lasting?: boolean };

/** What a dead process would not have come to see. */
export class Crashed extends Error {}

type Call = (...args: readonly unknown[]) => unknown;
type Functions = Record<string, Call>;

/** By what the product writes, and which argument names the file; of `link` and `rename` the second is looked at, too. */
const asynchronous = ['writeFile', 'rename', 'rm', 'mkdir', 'link', 'rmdir', 'copyFile', 'open', 'truncate', 'unlink'];
const synchronous = ['writeSync', 'fsyncSync', 'ftruncateSync', 'openSync'];
const ofHandles = ['writeFile', 'write', 'sync', 'truncate', 'appendFile', 'datasync'];

/** Whether opening with these flags may write. */
const opensToWrite = (flags: unknown): boolean =>
  typeof flags === 'string' ? /[wa+]/.test(flags) : typeof flags === 'number' && (flags & 3) !== 0;

export interface FaultyWork<T> {
  /** Calls that write, up to the end of the work. */
  readonly calls: number;
  readonly value?: T;
  readonly error?: unknown;
  /** The function that met the fault. */
  readonly met?: string;
}

class Disk {
  calls = 0;
  met: string | undefined;
  readonly #folder: string;
  readonly #fault: DiskFault | undefined;
  readonly #descriptors = new Map<number, string>();
  readonly #handles = new WeakMap<object, string>();

  constructor(folder: string, fault: DiskFault | undefined) {
    this.#folder = resolve(folder);
    this.#fault = fault;
  }

  note(of: number | object, path: unknown): void {
    if (typeof path !== 'string') return;
    if (typeof of === 'number') this.#descriptors.set(of, path);
    else this.#handles.set(of, path);
  }

  isWatched(target: unknown): boolean {
    const path =
      typeof target === 'number'
        ? this.#descriptors.get(target)
        : typeof target === 'object' && target !== null
          ? this.#handles.get(target)
          : target;
    return typeof path === 'string' && `${resolve(path)}${sep}`.startsWith(`${this.#folder}${sep}`);
  }

  /** What becomes of the next call that writes. */
  next(name: string): 'passes' | 'half' | 'fails' {
    this.calls++;
    const fault = this.#fault;
    if (!fault || this.calls < fault.at) return 'passes';
    const isFirst = this.calls === fault.at;
    if (isFirst) this.met = name;
    if (fault.kind === 'error') return isFirst || fault.lasting ? 'fails' : 'passes';
    return isFirst && fault.torn && /^write|appendFile/.test(name) ? 'half' : 'fails';
  }

  failure(): Error {
    const fault = this.#fault;
    if (fault?.kind !== 'error') return new Crashed('the process is dead');
    return Object.assign(new Error(`${fault.code}: injected`), { code: fault.code });
  }
}

const half = (data: unknown): unknown =>
  typeof data === 'string' || data instanceof Uint8Array ? data.slice(0, Math.floor(data.length / 2)) : data;

/** The call with half of its data; the data of `write` to a descriptor is its second argument. */
const halved = (name: string, args: readonly unknown[], ofHandle: boolean): readonly unknown[] =>
  args.map((arg, i) => (i === (ofHandle ? 0 : 1) && /^write|appendFile/.test(name) ? half(arg) : arg));

function wrapped(disk: Disk, name: string, original: Call, kind: 'async' | 'sync' | 'handle'): Call {
  return function (this: unknown, ...args: readonly unknown[]): unknown {
    const target = kind === 'handle' ? this : args[0];
    const isOurs = disk.isWatched(target) || (typeof args[1] === 'string' && disk.isWatched(args[1]));
    const writes = !name.startsWith('open') || opensToWrite(args[1] ?? 'r');
    const fate = isOurs && writes ? disk.next(name) : 'passes';
    if (fate !== 'passes') {
      const part = fate === 'half' ? Reflect.apply(original, this, halved(name, args, kind === 'handle')) : undefined;
      const failure = disk.failure();
      if (kind === 'sync') throw failure;
      return Promise.resolve(part).then(() => Promise.reject(failure));
    }
    const result = Reflect.apply(original, this, args);
    if (name === 'openSync') disk.note(result as number, args[0]);
    if (name === 'open') return (result as Promise<FileHandle>).then((handle) => (disk.note(handle, args[0]), handle));
    return result;
  };
}

/** Runs the work on a disk that fails so; without a fault its calls are counted. Never rejects for what the work throws. */
export async function withFaultyDisk<T>(
  folder: string,
  fault: DiskFault | undefined,
  work: () => Promise<T>,
): Promise<FaultyWork<T>> {
  const disk = new Disk(folder, fault);
  const probe = await open('/dev/null', 'r');
  const handles = Object.getPrototypeOf(probe) as Functions;
  await probe.close();
  const promises = fs.promises as unknown as Functions;
  const restore = [
    replaced(promises, asynchronous, disk, 'async'),
    replaced(fs as unknown as Functions, synchronous, disk, 'sync'),
    replaced(handles, ofHandles, disk, 'handle'),
  ];
  syncBuiltinESMExports();
  try {
    const value = await work();
    return { calls: disk.calls, value, ...(disk.met !== undefined && { met: disk.met }) };
  } catch (error) {
    return { calls: disk.calls, error, ...(disk.met !== undefined && { met: disk.met }) };
  } finally {
    for (const own of restore) own();
    syncBuiltinESMExports();
  }
}

function replaced(functions: Functions, names: readonly string[], disk: Disk, kind: 'async' | 'sync' | 'handle') {
  const originals = names.map((name) => [name, functions[name]] as const);
  for (const [name, original] of originals) if (original) functions[name] = wrapped(disk, name, original, kind);
  return () => {
    for (const [name, original] of originals) if (original) functions[name] = original;
  };
}
