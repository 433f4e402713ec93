import { setImmediate as nextTurn } from 'node:timers/promises';
import { openPlainFile } from '../../../files/plainFile.ts';
import { readEvent } from '../../../protocol/run/runChecks.ts';
import { onDisk, systemCode } from '../../../runs/diskError.ts';
import { readRecord } from '../../../runs/readRun.ts';
import { runFolder, type RunFolder } from '../../../runs/runFolder.ts';
import type { RunRecord } from '../../../runs/runRecord.ts';
import { RunHistory } from './runHistory.ts';

/** Length of one slice of reading, ms. Requests are answered between two slices. */
const slice = 8;
/** Bytes read at a time. */
const chunkSize = 131_072;

/**
 * Reads the events of a run folder in slices, and later reads on where more were written. Bytes after the last
 * whole line are read again, since a writer that resumes after a crash removes an incomplete line.
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

  /** Throws RankscopeError('run') where there is no run at `path`. */
  static async open(path: string): Promise<RunReader> {
    const folder = runFolder(path);
    return new RunReader(folder, await readRecord(folder));
  }

  /** Resolves when everything has been read that was in the file at the time of the call. Throws RankscopeError('disk'). */
  async catchUp(): Promise<void> {
    // A reading that another caller started may have begun before the latest line was written.
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

  /** A broken line is skipped and the reading goes on. */
  #take(line: string): void {
    this.#line++;
    if (line === '') return;
    const event = readEvent(parseJson(line));
    if (event) this.history.apply(event);
    else this.history.warn(`${this.folder.events}:${this.#line}: the line is no event and is left out`);
  }

  /** Starts again, since another run has replaced this one in its folder. */
  #startAnew(): void {
    this.#offset = 0;
    this.#line = 0;
    this.history = new RunHistory(this.record.arms);
  }
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return undefined;
  }
}
