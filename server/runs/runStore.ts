/**
 * The one writer of a run folder.
 *
 * events.jsonl is append-only. Each line goes to the operating system at once, so that a killed process loses nothing;
 * it is flushed to the disk (fsync) where a machine that loses power must not forget: at the start, at checkpoints, at
 * the end of an arm and of the run. A step lost between two of these is trained again from the checkpoint.
 * metrics.json is written last, in one step: a run without it is not finished.
 */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from 'node:fs';
import { access, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { noFollow, readPlainText } from '../files/plainFile.ts';
import { errorDetails, RankscopeError, type ErrorDetails } from '../protocol/errors.ts';
import type { ArmMetrics, RunEvent, RunMetrics } from '../protocol/run/run.ts';
import { syncFolder, unfinishedMark, writeFileAtomic, writeFolderAtomic } from './atomicWrite.ts';
import { diskError, onDisk, systemCode } from './diskError.ts';
import { faultOf, writeDigests } from './folderDigests.ts';
import { checked, parseJsonLines } from './jsonLines.ts';
import { readRecord } from './readRun.ts';
import { assertSameHashes, hashesOfRole, modelHashes, type HashedModel, type ModelRole } from './recordedHashes.ts';
import { runFolder, type ArmLines, type RunFolder, type Stage } from './runFolder.ts';
import { takeLock, type RunLock } from './runLock.ts';
import type { RunRecord } from './runRecord.ts';

type WithoutTime<E> = E extends unknown ? Omit<E, 'time'> : never;
/** An event before the store has stamped it. */
export type NewEvent = WithoutTime<RunEvent>;

export interface StoreOptions {
  /** Hears every event as it has been stored. */
  readonly onEvent?: (event: RunEvent) => void;
}

/** Events after which the file is flushed to the disk. */
const flushedAfter = new Set<RunEvent['type']>([
  'started',
  'checkpoint',
  'arm-finished',
  'arm-failed',
  'failed',
  'cancelled',
  'finished',
]);

/** The mark beside an arm's best weights. */
const bestFile = 'best.json';

export interface KeptCheckpoint {
  readonly directory: string;
  readonly step: number;
}

export class RunStore {
  readonly folder: RunFolder;
  #record: RunRecord;
  readonly #lock: RunLock;
  readonly #events: number;
  readonly #onEvent: (event: RunEvent) => void;
  #open = true;
  #latest: Promise<KeptCheckpoint | undefined> | undefined;

  private constructor(folder: RunFolder, record: RunRecord, lock: RunLock, events: number, options: StoreOptions) {
    this.folder = folder;
    this.#record = record;
    this.#lock = lock;
    this.#events = events;
    this.#onEvent = options.onEvent ?? (() => undefined);
  }

  /** Starts a run in a folder that is new or empty. Throws RankscopeError('run') when something stands there. */
  static async create(path: string, record: RunRecord, options: StoreOptions = {}): Promise<RunStore> {
    const folder = runFolder(path);
    await assertVacant(folder.path);
    await onDisk(folder.path, () => mkdir(folder.path, { recursive: true }));
    return withLock(folder, async (lock) => {
      await removeUnfinished(folder.path);
      await reserve(folder);
      await writeFileAtomic(folder.sweep, `${JSON.stringify(record.sweep, null, 2)}\n`);
      const events = openEvents(folder.events);
      // The record comes last: a folder without it is no run yet.
      await writeFileAtomic(folder.record, `${JSON.stringify(record, null, 2)}\n`);
      return new RunStore(folder, record, lock, events, options);
    });
  }

  /** Opens a run to go on with it. Throws RankscopeError('run') when it is finished, damaged or being written. */
  static async resume(path: string, options: StoreOptions = {}): Promise<RunStore> {
    const folder = runFolder(path);
    const record = await readRecord(folder);
    return withLock(folder, async (lock) => {
      if (await exists(folder.metrics)) {
        // A process that died just after the metrics stood has left these.
        await removeUnfinished(folder.path);
        await rm(folder.reserve, { force: true });
        throw finishedAlready(folder);
      }
      await refuseForeign(folder.path);
      await removeUnfinished(folder.path);
      await reserve(folder);
      return new RunStore(folder, record, lock, openEvents(folder.events), options);
    });
  }

  /** `run.json` as it stands. */
  get record(): RunRecord {
    return this.#record;
  }

  /**
   * Adds to the record the hashes of a model that is opened on the way, such as the generator. Throws
   * RankscopeError('run') when it was another one before the run was interrupted.
   */
  async noteModel(role: ModelRole, model: HashedModel): Promise<void> {
    const hashes = modelHashes(role, model);
    const known = hashesOfRole(role, this.#record.hashes);
    if (Object.keys(known).length > 0) assertSameHashes(known, hashes, this.folder.record);
    if (Object.keys(hashes).every((name) => name in known)) return;
    this.#assertOwn();
    this.#record = { ...this.#record, hashes: { ...this.#record.hashes, ...hashes } };
    await writeFileAtomic(this.folder.record, `${JSON.stringify(this.#record, null, 2)}\n`);
  }

  /** Adds the learning rates that were chosen for arms, by id, to the record. */
  async noteRates(rates: ReadonlyMap<string, number>): Promise<void> {
    const arms = this.#record.arms.map((arm) => {
      const learningRate = rates.get(arm.id);
      return learningRate === undefined ? arm : { ...arm, learningRate };
    });
    this.#assertOwn();
    this.#record = { ...this.#record, arms };
    await writeFileAtomic(this.folder.record, `${JSON.stringify(this.#record, null, 2)}\n`);
  }

  /** Stamps and stores one event, then tells the listener. Throws RankscopeError('disk'). */
  append(event: NewEvent): RunEvent {
    const stamped = { time: Date.now(), ...event } as RunEvent;
    this.#assertOwn();
    try {
      writeWhole(this.#events, `${JSON.stringify(stamped)}\n`);
      if (flushedAfter.has(event.type)) fsyncSync(this.#events);
    } catch (error) {
      throw diskError(error, this.folder.events);
    }
    this.#onEvent(stamped);
    return stamped;
  }

  /**
   * Keeps a checkpoint written by `write` into an empty folder and makes it the latest. The one before stays, for the day on
   * which this one cannot be read; older ones go.
   */
  async saveCheckpoint(step: number, write: (directory: string) => Promise<void>): Promise<void> {
    this.#assertOwn();
    const names = await checkpointNames(this.folder);
    const name = `c${String((names.at(-1)?.serial ?? 0) + 1).padStart(6, '0')}-step-${step}`;
    await writeFolderAtomic(join(this.folder.checkpoints, name), async (directory) => {
      await write(directory);
      await onDisk(directory, () => writeDigests(directory));
    });
    await writeFileAtomic(this.folder.latestCheckpoint, `${name}\n`);
    this.#latest = undefined;
    await onDisk(this.folder.checkpoints, async () => {
      for (const old of names.slice(0, -1))
        await rm(join(this.folder.checkpoints, old.name), { recursive: true, force: true });
    });
    this.append({ type: 'checkpoint', step });
  }

  /**
   * The latest checkpoint that is as it was written; undefined when there is none. One that is damaged, or a `latest` that
   * names none, is told as a warning, and the one before it is taken.
   */
  latestCheckpoint(): Promise<KeptCheckpoint | undefined> {
    this.#latest ??= this.#findLatest();
    return this.#latest;
  }

  async #findLatest(): Promise<KeptCheckpoint | undefined> {
    const newestFirst = [...(await checkpointNames(this.folder))].reverse();
    const name = await readPlainText(this.folder.latestCheckpoint, { links: 'refuse', most: 4096 }).catch(
      () => undefined,
    );
    const named = newestFirst.find((checkpoint) => checkpoint.name === name?.trim());
    if (!named && newestFirst.length > 0)
      this.#warn('checkpoints/latest names none of the checkpoints that are there.');
    for (const { name: own, step } of named ? [named, ...newestFirst.filter((one) => one !== named)] : newestFirst) {
      const directory = join(this.folder.checkpoints, own);
      const fault = await faultOf(directory);
      if (fault === undefined) return { directory, step };
      this.#warn(`The checkpoint of step ${step} is damaged (${fault}): the run goes on from before it.`);
    }
    return undefined;
  }

  /**
   * Throws RankscopeError('run') where the folder is not the one that this writer opened: it was removed, and perhaps made
   * again by another run, in whose record these results would stand.
   */
  #assertOwn(): void {
    const own = fstatSync(this.#events);
    const there = statSync(this.folder.events, { throwIfNoEntry: false });
    if (there?.ino === own.ino && there.dev === own.dev) return;
    throw new RankscopeError({
      code: 'run',
      what: `the run folder was ${there ? 'replaced' : 'removed'} while the run went on`,
      where: this.folder.path,
      remedy: 'Start the sweep anew, in a folder of its own.',
    });
  }

  #warn(message: string): void {
    this.append({ type: 'warning', message });
  }

  /** Puts the files that `write` leaves in an empty folder into the arm's folder, each complete or not at all. */
  async writeArm(id: string, write: (directory: string) => Promise<void>): Promise<void> {
    this.#assertOwn();
    const arm = this.folder.arm(id);
    await onDisk(arm, () => mkdir(arm, { recursive: true }));
    const weights = join(arm, 'weights');
    await writeFolderAtomic(weights, async (directory) => {
      await write(directory);
      await onDisk(directory, () => writeDigests(directory));
    });
    await onDisk(arm, async () => {
      for (const name of await readdir(weights)) await rename(join(weights, name), join(arm, name));
      await rm(weights, { recursive: true });
      await syncFolder(arm);
    });
  }

  /** Keeps an arm's best weights so far with a mark, whole or not at all, in place of earlier ones. */
  async keepBest(id: string, mark: unknown, write: (directory: string) => Promise<void>): Promise<void> {
    this.#assertOwn();
    await writeFolderAtomic(this.folder.bestArm(id), async (directory) => {
      await write(directory);
      await onDisk(directory, async () => {
        await writeFile(join(directory, bestFile), JSON.stringify(mark));
        await writeDigests(directory);
      });
    });
  }

  /** What `keepBest` kept; undefined where there is nothing. Throws RankscopeError('run') where the mark is damaged. */
  async bestOf<T>(
    id: string,
    check: (value: unknown) => value is T,
  ): Promise<{ readonly directory: string; readonly mark: T } | undefined> {
    const directory = this.folder.bestArm(id);
    const path = join(directory, bestFile);
    const [mark] = (await readWhole(path, check)) ?? [];
    return mark === undefined ? undefined : { directory, mark };
  }

  /** Removes all best weights. */
  async dropBest(): Promise<void> {
    this.#assertOwn();
    await onDisk(this.folder.best, () => rm(this.folder.best, { recursive: true, force: true }));
  }

  async writeArmLines(id: string, kind: ArmLines, lines: readonly unknown[]): Promise<void> {
    this.#assertOwn();
    await onDisk(this.folder.arm(id), () => mkdir(this.folder.arm(id), { recursive: true }));
    await writeFileAtomic(this.folder.armLines(id, kind), asJsonLines(lines));
  }

  /** What `writeArmLines` kept, checked line by line by `check`; undefined when there is nothing. */
  readArmLines<T>(
    id: string,
    kind: ArmLines,
    check: (value: unknown) => value is T,
  ): Promise<readonly T[] | undefined> {
    return readWhole(this.folder.armLines(id, kind), check);
  }

  async writeArmMetrics(metrics: ArmMetrics): Promise<void> {
    this.#assertOwn();
    await onDisk(this.folder.arm(metrics.id), () => mkdir(this.folder.arm(metrics.id), { recursive: true }));
    await writeFileAtomic(this.folder.armMetrics(metrics.id), `${JSON.stringify(metrics, null, 2)}\n`);
  }

  /** Keeps the result of a stage, so that a resumed run need not repeat it. */
  async writeStage(stage: Stage, lines: readonly unknown[]): Promise<void> {
    this.#assertOwn();
    await writeFileAtomic(this.folder.stage(stage), asJsonLines(lines));
  }

  /** What `writeStage` kept, checked line by line by `check`; undefined when the stage has not been completed. */
  async readStage<T>(stage: Stage, check: (value: unknown) => value is T): Promise<readonly T[] | undefined> {
    return readWhole(this.folder.stage(stage), check);
  }

  /** Writes metrics.json, the mark of a finished run, then the last event, and lets go of the folder. */
  async finish(metrics: RunMetrics): Promise<void> {
    this.#assertOwn();
    await writeFileAtomic(this.folder.metrics, `${JSON.stringify(metrics, null, 2)}\n`);
    this.append({ type: 'finished', metrics });
    await this.close();
  }

  /**
   * Records why the run ended early (cancelled or failed) and lets go of the folder. Never rejects: when even that
   * cannot be written, the run counts as interrupted.
   */
  async abandon(error: unknown): Promise<ErrorDetails> {
    const details = errorDetails(error);
    const { code } = details;
    const event: NewEvent =
      code === 'cancelled' ? { type: 'cancelled' } : { type: 'failed', reason: messageOf(error), code };
    try {
      this.#assertOwn();
      await rm(this.folder.reserve, { force: true }).catch(() => undefined);
      this.append(event);
    } catch {
      // The disk took not even the last line, or the folder is another's; readRun tells such a run by its missing metrics.
    }
    // A lock that cannot be removed is passed over once this process has ended.
    await this.close().catch(() => undefined);
    return details;
  }

  /** Lets go of the folder without recording an end. */
  async close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    const isOwn = statSync(this.folder.events, { throwIfNoEntry: false })?.ino === fstatSync(this.#events).ino;
    closeSync(this.#events);
    if (isOwn) await rm(this.folder.reserve, { force: true }).catch(() => undefined);
    await this.#lock.release();
  }
}

/**
 * Throws RankscopeError('run') unless a new run can be written at `path`: nothing there, an empty folder, or what the
 * making of a run left that was killed before its record stood.
 */
export async function assertVacant(path: string): Promise<void> {
  const entries = await readdir(path).catch((error: unknown): string[] => {
    if (systemCode(error) === 'ENOENT') return [];
    throw diskError(error, path);
  });
  if (entries.every((name) => name.startsWith('lock.json') || name.includes(unfinishedMark))) return;
  if (await isHalfMade(path, entries)) return;
  throw new RankscopeError({
    code: 'run',
    what: entries.includes('run.json') ? 'there is a run already' : 'the folder is not empty',
    where: path,
    remedy: 'Choose another folder, or go on with that run: rankscope resume.',
  });
}

/** Whether a folder holds nothing but what `create` writes before the record: no step was taken and nothing is lost. */
async function isHalfMade(path: string, entries: readonly string[]): Promise<boolean> {
  const { reserve: kept, sweep, events } = runFolder(path);
  const made = [kept, sweep, events].map((file) => basename(file));
  const isMade = (name: string) => made.includes(name) || name.startsWith('lock.json') || name.includes(unfinishedMark);
  // The reserve comes first: a sweep.json without it was put there by somebody else.
  if (!entries.includes(basename(kept)) || !entries.every(isMade)) return false;
  const size = await stat(events).then(
    (found) => found.size,
    () => 0,
  );
  return size === 0;
}

async function withLock(folder: RunFolder, open: (lock: RunLock) => Promise<RunStore>): Promise<RunStore> {
  const lock = await takeLock(folder.lock);
  try {
    return await open(lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** Keeps the room that a full disk must leave for the last event. */
async function reserve({ reserve: path }: RunFolder): Promise<void> {
  await onDisk(path, async () => {
    await rm(path, { force: true });
    await writeFile(path, new Uint8Array(16384), { flag: 'wx' });
  });
}

/**
 * Throws RankscopeError('run') where a run folder holds anything but files and folders. A run makes no links: one has come
 * with the folder from elsewhere, and writing or removing through it would reach what is not the run's.
 */
async function refuseForeign(path: string): Promise<void> {
  const entries = await onDisk(path, () => readdir(path, { recursive: true, withFileTypes: true }));
  const foreign = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (!foreign) return;
  throw new RankscopeError({
    code: 'run',
    what: `the run folder holds ${foreign.isSymbolicLink() ? 'a link' : 'a device or pipe'}, and a run makes none`,
    where: join(foreign.parentPath, foreign.name),
    remedy: 'Look where the folder comes from. Remove it, if you know that run, and resume again.',
  });
}

/** Opens events.jsonl for appending and cuts off a last line that a crash left unfinished. */
function openEvents(path: string): number {
  try {
    const file = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT | noFollow);
    const { size } = fstatSync(file);
    const whole = wholeLines(file, size);
    if (whole < size) ftruncateSync(file, whole);
    return file;
  } catch (error) {
    throw diskError(error, path);
  }
}

/** Bytes of a file of `size` bytes up to and with its last line end, sought from the back. */
function wholeLines(file: number, size: number): number {
  const chunk = Buffer.alloc(65536);
  for (let end = size; end > 0; end -= chunk.length) {
    const start = Math.max(0, end - chunk.length);
    const read = readSync(file, chunk, 0, end - start, start);
    const newline = chunk.subarray(0, read).lastIndexOf(0x0a);
    if (newline >= 0) return start + newline + 1;
  }
  return 0;
}

/** write(2) may take part of a buffer; the rest is written until all is or it fails. */
function writeWhole(file: number, line: string): void {
  const bytes = Buffer.from(line, 'utf8');
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
}

interface CheckpointName {
  readonly name: string;
  readonly serial: number;
  readonly step: number;
}

/** Complete checkpoints, oldest first. */
async function checkpointNames(folder: RunFolder): Promise<readonly CheckpointName[]> {
  const entries = await readdir(folder.checkpoints).catch(() => []);
  return entries
    .map((name) => ({ name, match: /^c(\d{6,})-step-(\d+)$/.exec(name) }))
    .flatMap(({ name, match }) => (match ? [{ name, serial: Number(match[1]), step: Number(match[2]) }] : []))
    .sort((a, b) => a.serial - b.serial);
}

/** Removes what a crash left half-written. */
async function removeUnfinished(path: string): Promise<void> {
  const entries = await onDisk(path, () => readdir(path, { recursive: true }));
  for (const entry of entries) {
    if (basename(entry).includes(unfinishedMark)) await rm(join(path, entry), { recursive: true, force: true });
  }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function readWhole<T>(path: string, check: (value: unknown) => value is T): Promise<readonly T[] | undefined> {
  if (!(await exists(path))) return undefined;
  return parseJsonLines(await onDisk(path, () => readPlainText(path, { links: 'refuse' })), path, checked(check));
}

function asJsonLines(lines: readonly unknown[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function finishedAlready(folder: RunFolder): RankscopeError {
  return new RankscopeError({
    code: 'run',
    what: 'the run is finished',
    where: folder.path,
    remedy: 'Read it with: rankscope report.',
  });
}
