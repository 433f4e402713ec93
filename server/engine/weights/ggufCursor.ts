import type { RankscopeError } from '../../protocol/errors.ts';
import { damaged } from './weightFile.ts';

/** Elements of one metadata array: the largest vocabularies have 262,144. */
const LONGEST_LIST = 2 ** 22;
const LONGEST_STRING = 2 ** 26;

/** The bytes read so far end inside `what`; more of the file may hold it. No error of the file, never seen outside. */
export class HeaderTooShort extends Error {
  readonly what: string;
  constructor(what: string) {
    super(what);
    this.what = what;
  }
}

/** Reads little-endian values one after another; every length is held against the size of the whole file first. */
export class GgufCursor {
  position = 0;
  readonly fileSize: number;
  private readonly bytes: Buffer;
  private readonly path: string;

  /** `bytes`: the start of the file at `path`, which is `fileSize` bytes long. */
  constructor(bytes: Buffer, path: string, fileSize: number) {
    this.bytes = bytes;
    this.path = path;
    this.fileSize = fileSize;
  }

  /** A fault of the header, with the place reached. */
  fault(what: string, remedy?: string): RankscopeError {
    return damaged(`${this.path}, byte ${this.position}`, what, remedy);
  }

  u8(what: string): number {
    return this.bytes.readUInt8(this.take(1, what));
  }
  i8(what: string): number {
    return this.bytes.readInt8(this.take(1, what));
  }
  u16(what: string): number {
    return this.bytes.readUInt16LE(this.take(2, what));
  }
  i16(what: string): number {
    return this.bytes.readInt16LE(this.take(2, what));
  }
  u32(what: string): number {
    return this.bytes.readUInt32LE(this.take(4, what));
  }
  i32(what: string): number {
    return this.bytes.readInt32LE(this.take(4, what));
  }
  f32(what: string): number {
    return this.bytes.readFloatLE(this.take(4, what));
  }
  u64(what: string): bigint {
    return this.bytes.readBigUInt64LE(this.take(8, what));
  }
  i64(what: string): bigint {
    return this.bytes.readBigInt64LE(this.take(8, what));
  }
  f64(what: string): number {
    return this.bytes.readDoubleLE(this.take(8, what));
  }

  /** A 64-bit length followed by that many bytes of UTF-8. */
  string(what: string, longest = LONGEST_STRING): string {
    const length = this.u64(what);
    if (length > BigInt(longest)) throw this.fault(`${what} states a length of ${length} bytes`);
    const start = this.take(Number(length), what);
    return this.bytes.toString('utf8', start, this.position);
  }

  /** A 64-bit number of things that take `elementBytes` each at the least, so that the rest of the file bounds it. */
  count(what: string, elementBytes: number): number {
    const count = this.u64(what);
    const most = Math.min(LONGEST_LIST, Math.floor((this.fileSize - this.position) / elementBytes));
    if (count > BigInt(most))
      throw this.fault(`${what} is ${count}, but the rest of the file holds ${most} at the most`);
    return Number(count);
  }

  private take(length: number, what: string): number {
    const start = this.position;
    if (start + length > this.fileSize) throw this.fault(`the file ends inside ${what}`);
    if (start + length > this.bytes.length) throw new HeaderTooShort(what);
    this.position = start + length;
    return start;
  }
}
