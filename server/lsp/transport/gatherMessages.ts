import { Transform, type TransformCallback } from 'node:stream';

/** Messages of at least this size are gathered, bytes. */
const large = 1 << 20;
/** Messages above this size are passed on unchanged, so that the reader behind reports what is wrong. */
const largest = 1 << 30;
/** A longer header cannot be valid, bytes. */
const longestHeader = 4096;

/**
 * Passes on a stream of messages (`Content-Length: N`, an empty line, N bytes), each large message in one piece. A
 * message of forty megabytes arrives in about six hundred pieces. The reader behind would copy all of them when the
 * last has arrived, while a person waits; here each piece is copied into place on arrival.
 */
export function gatherMessages(): Transform {
  return new Gatherer();
}

class Gatherer extends Transform {
  /** The large message that is arriving. */
  private message: Buffer | undefined;
  private filled = 0;
  /** Bytes of a small message that have not passed yet. */
  private passing = 0;
  private header: Buffer = Buffer.alloc(0);
  /** Whether the stream is not a stream of messages. Then everything passes unchanged. */
  private foreign = false;

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (let rest = chunk; rest.length > 0;) rest = this.consume(rest);
    done();
  }

  override _flush(done: TransformCallback): void {
    const begun = this.message === undefined ? this.header : this.message.subarray(0, this.filled);
    if (begun.length > 0) this.push(begun);
    done();
  }

  /** Takes the part of a piece that belongs to the current message, and returns the rest. */
  private consume(piece: Buffer): Buffer {
    if (this.message !== undefined) return this.fill(this.message, piece);
    if (this.foreign) return this.pass(piece, piece.length);
    if (this.passing > 0) {
      const count = Math.min(this.passing, piece.length);
      this.passing -= count;
      return this.pass(piece, count);
    }
    return this.begin(piece);
  }

  private begin(piece: Buffer): Buffer {
    const joined = this.header.length === 0 ? piece : Buffer.concat([this.header, piece]);
    const end = joined.subarray(0, longestHeader).indexOf('\r\n\r\n');
    if (end < 0) {
      this.header = joined;
      if (joined.length < longestHeader) return joined.subarray(joined.length);
      this.foreign = true;
      this.header = Buffer.alloc(0);
      return joined;
    }
    this.header = Buffer.alloc(0);
    const length = lengthIn(joined.toString('latin1', 0, end));
    this.foreign = length === undefined;
    const total = end + 4 + (length ?? 0);
    if (total >= large && total <= largest) {
      this.message = Buffer.allocUnsafe(total);
      this.filled = 0;
      return this.fill(this.message, joined);
    }
    this.passing = total;
    return joined;
  }

  private fill(message: Buffer, piece: Buffer): Buffer {
    const count = piece.copy(message, this.filled);
    this.filled += count;
    if (this.filled === message.length) {
      this.message = undefined;
      this.push(message);
    }
    return piece.subarray(count);
  }

  private pass(piece: Buffer, count: number): Buffer {
    this.push(piece.subarray(0, count));
    return piece.subarray(count);
  }
}

function lengthIn(header: string): number | undefined {
  const [, digits] = /^content-length:\s*(\d+)\s*$/im.exec(header) ?? [];
  return digits === undefined ? undefined : Number(digits);
}
