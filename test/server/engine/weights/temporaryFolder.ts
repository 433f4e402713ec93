import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for the files of one suite, removed after it. Call it inside `describe`. */
export function temporaryFolder(): {
  path: (name: string) => string;
  write: (name: string, data: Uint8Array | string) => string;
} {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'rankscope-weights-'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const path = (name: string): string => join(folder, name);
  const write = (name: string, data: Uint8Array | string): string => {
    writeFileSync(path(name), data);
    return path(name);
  };
  return { path, write };
}

/** The float32 values of base64 bytes. */
export function floats(base64: string): Float32Array {
  return new Float32Array(new Uint8Array(Buffer.from(base64, 'base64')).buffer);
}

/** Compares bit by bit, so that -0, NaN and infinities count. */
export function bitsOf(values: Float32Array): number[] {
  return Array.from(new Uint32Array(values.buffer, values.byteOffset, values.length));
}

/** Mulberry32: the same numbers from 0 (inclusive) to `below` for the same seed. */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
