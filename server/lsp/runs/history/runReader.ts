import { setImmediate as nextTurn } from 'node:timers/promises';
import { openPlainFile } from '../../../files/plainFile.ts';
import { readEvent } from '../../../protocol/run/runChecks.ts';
import { onDisk, systemCode } from '../../../runs/diskError.ts';
import { readRecord } from '../../../runs/readRun.ts';
import { runFolder, type RunFolder } from '../../../runs/runFolder.ts';
import type { RunRecord } from '../../../runs/runRecord.ts';
import { RunHistory } from './runHistory.ts';

/** A slice of reading takes about this long, ms; requests are answered between two. */
const slice = 8;
/** Bytes read at a time. */
const chunkSize = 131_072;

/**
 * The events of a run folder, read as far as they go and read on when there are more, in slices. Bytes behind the last
 * whole line are read again, since a writer that goes on after a crash cuts a torn line off.
 */
export class RunReader {
  readonly folder: RunFolder;
  readonly record: RunRecord;
  history: RunHistory;
  #offset = 0;
  #line = 0;
  #reading: Promise<void> | undefined;

  private constructor(folder: RunFolder, record: RunRecord) {
    this.folder = folder;
    this.record = record;
    this.history = new RunHistory(record.arms);
  }

  /** Throws RankscopeError('run') where there is no run. */
  static async open(path: string): Promise<RunReader> {
    const folder = runFolder(path);
    return new RunReader(folder, await readRecord(folder));
  }

  /** Resolves when all that was in the file when it was called has been read. Throws RankscopeError('disk'). */
  async catchUp(): Promise<void> {
    // What another caller reads may have begun before the latest line was written.
    await this.#reading;
    this.#reading ??= this.#readOn().finally(() => (this.#reading = undefined));
    await this.#reading;
  }

  async #readOn(): Promise<void> {
    const { events } = this.folder;
    const file = await openPlainFile(events, { links: 'refuse', most: Infinity }).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      return onDisk(events, () => Promise.reject(error as Error));
    });
    if (file === undefined) return;
    try {
      await onDisk(events, async () => {
        const { size } = await file.stat();
        if (size < this.#offset) this.#startAnew();
        await this.#readChunks((buffer, at) => file.read(buffer, 0, buffer.length, at), size);
      });
    } finally {
      await file.close();
    }
  }

  async #readChunks(
    read: (buffer: Buffer, at: number) => Promise<{ readonly bytesRead: number }>,
    size: number,
  ): Promise<void> {
    let buffer = Buffer.allocUnsafe(chunkSize);
    let began = performance.now();
    while (this.#offset < size) {
      const { bytesRead } = await read(buffer, this.#offset);
      const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a);
      if (end < 0) {
        if (bytesRead < buffer.length) return;
        buffer = Buffer.allocUnsafe(2 * buffer.length);
        continue;
      }
      for (const line of buffer.toString('utf8', 0, end).split('\n')) {
        this.#take(line);
        if (performance.now() - began < slice) continue;
        await nextTurn();
        began = performance.now();
      }
      this.#offset += end + 1;
    }
  }

  /** A line that is broken costs only itself. */
  #take(line: string): void {
    this.#line++;
    if (line === '') return;
    const event = readEvent(parsed(line));
    if (event) this.history.apply(event);
    else this.history.warn(`${this.folder.events}:${this.#line}: the line is no event and is left out`);
  }

  /** Another run stands where this one stood. */
  #startAnew(): void {
    this.#offset = 0;
    this.#line = 0;
    this.history = new RunHistory(this.record.arms);
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
