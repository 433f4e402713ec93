import { stat, type FileHandle } from 'node:fs/promises';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openPlainFile, type PlainFileOptions } from '../files/plainFile.ts';
import { onDisk, systemCode } from './diskError.ts';

/** Where each line of a file stands, so that some can be read without the others. */
export interface LineIndex {
  readonly path: string;
  /** Byte offsets at which each line begins and ends, without its line end. Blank lines are skipped. */
  readonly starts: Float64Array;
  readonly ends: Float64Array;
  /** Changes whenever the file does. */
  readonly stamp: string;
}

/** Length of one slice of reading, ms. Other work runs between two slices. */
const slice = 8;
const chunkSize = 262_144;

/**
 * Reads a file once, passes each line to `visit` in order, and records where the lines stand, in sixteen bytes a
 * line. Undefined where there is no file. Throws RankscopeError('disk'), and what `visit` throws.
 */
export async function indexLines(
  path: string,
  visit: (line: string, index: number) => void,
): Promise<LineIndex | undefined> {
  const file = await openFile(path);
  if (file === undefined) return undefined;
  const starts: number[] = [];
  const ends: number[] = [];
  let began = performance.now();
  try {
    const { size, mtimeMs } = await file.stat();
    for await (const { bytes, at } of wholeLines(file, size, path)) {
      for (const [start, end] of linesIn(bytes)) {
        visit(bytes.toString('utf8', start, end), starts.length);
        starts.push(at + start);
        ends.push(at + end);
        if (performance.now() - began < slice) continue;
        await nextTurn();
        began = performance.now();
      }
    }
    return { path, starts: Float64Array.from(starts), ends: Float64Array.from(ends), stamp: stampOf(size, mtimeMs) };
  } finally {
    await file.close();
  }
}

/** The stamp that an index of the file would get now; undefined where there is no file. */
export async function fileStamp(path: string): Promise<string | undefined> {
  return stat(path).then(
    ({ size, mtimeMs }) => stampOf(size, mtimeMs),
    () => undefined,
  );
}

/** Reads the lines with the given numbers, in the given order. Throws RankscopeError('disk'). */
export async function linesAt(
  { path, starts, ends }: LineIndex,
  numbers: readonly number[],
): Promise<readonly string[]> {
  const file = await onDisk(path, () => openPlainFile(path, ofRun));
  try {
    const lines: string[] = [];
    for (const number of numbers) {
      const [start, end] = [starts[number] ?? 0, ends[number] ?? 0];
      const { buffer, bytesRead } = await onDisk(path, () =>
        file.read(Buffer.alloc(end - start), 0, end - start, start),
      );
      lines.push(buffer.toString('utf8', 0, bytesRead));
    }
    return lines;
  } finally {
    await file.close();
  }
}

/**
 * A file of a run folder may come from elsewhere, so that links are refused. It may have any size, since it is read
 * in pieces.
 */
const ofRun: PlainFileOptions = { links: 'refuse', most: Infinity };

async function openFile(path: string): Promise<FileHandle | undefined> {
  return onDisk(path, () =>
    openPlainFile(path, ofRun).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw error;
    }),
  );
}

/** Yields the file in pieces that each end with a line end, or with the end of the file. */
async function* wholeLines(
  file: FileHandle,
  size: number,
  path: string,
): AsyncGenerator<{ bytes: Buffer; at: number }> {
  let buffer = Buffer.allocUnsafe(chunkSize);
  for (let at = 0; at < size;) {
    const { bytesRead } = await onDisk(path, () => file.read(buffer, 0, buffer.length, at));
    if (bytesRead === 0) return;
    const isLast = at + bytesRead >= size;
    const whole = isLast ? bytesRead : buffer.lastIndexOf(0x0a, bytesRead - 1) + 1;
    if (whole === 0) buffer = Buffer.allocUnsafe(2 * buffer.length);
    else yield { bytes: buffer.subarray(0, whole), at };
    at += whole;
  }
}

function* linesIn(bytes: Buffer): Generator<readonly [start: number, end: number]> {
  for (let start = 0; start < bytes.length;) {
    const feed = bytes.indexOf(0x0a, start);
    const end = feed < 0 ? bytes.length : feed;
    if (end > start) yield [start, end];
    start = end + 1;
  }
}

function stampOf(size: number, mtimeMs: number): string {
  return `${size} ${mtimeMs}`;
}
