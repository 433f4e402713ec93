/** Reads Parquet files as the text that the same rows would be in JSON Lines. */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { decompress as unzstd } from 'fzstd';
import { parquetMetadata, parquetReadObjects, snappyUncompress, type Compressors } from 'hyparquet';
import { RankscopeError } from '../protocol/errors.ts';
import { longestText } from './plainFile.ts';

/** Whether the content begins as a Parquet file does, whatever its name. */
export function isParquet(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'PAR1';
}

/**
 * The rows of a Parquet file as JSON objects, a row a line: line n is row n. Lists become arrays, structs objects, dates
 * ISO 8601, integers beyond 2^53 texts, and bytes that are no UTF-8 the object {"bytes": how many}. Pages may be packed with
 * Snappy, gzip, Zstandard or Brotli. Throws RankscopeError('data') for what is damaged or packed otherwise, and for more than `most` bytes once unpacked.
 */
export async function parquetLines(bytes: Buffer, where: string, most: number = longestText): Promise<string> {
  const compressors = boundedCompressors(where, most);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
  const lines: string[] = [];
  let length = 0;
  try {
    const metadata = parquetMetadata(file);
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      const rows = await parquetReadObjects({ file, metadata, compressors, utf8: false, rowStart, rowEnd });
      for (const row of rows) {
        const line = JSON.stringify(row, plainValue);
        length += line.length + 1;
        if (length > most) throw tooLarge(where, most);
        lines.push(line);
      }
      rowStart = rowEnd;
    }
  } catch (error) {
    if (error instanceof RankscopeError) throw error;
    const what = `the Parquet file cannot be read (${error instanceof Error ? error.message : String(error)})`;
    const remedy = 'Write it again with Snappy, gzip, Zstandard, Brotli or no compression, or as JSON Lines.';
    throw new RankscopeError({ code: 'data', what, where, remedy }, { cause: error });
  }
  return lines.map((line) => `${line}\n`).join('');
}

/** Unpacks pages, and counts what they have come to: the sizes that a file tells of itself may be wrong. */
function boundedCompressors(where: string, most: number): Compressors {
  let total = 0;
  const bounded =
    (unpack: (input: Uint8Array, length: number) => Uint8Array) =>
    (input: Uint8Array, length: number): Uint8Array => {
      total += length;
      if (total > most) throw tooLarge(where, most);
      return unpack(input, length);
    };
  return {
    SNAPPY: bounded((input, length) => {
      const output = new Uint8Array(length);
      snappyUncompress(input, output);
      return output;
    }),
    GZIP: bounded((input, length) => gunzipSync(input, { maxOutputLength: Math.max(1, length) })),
    BROTLI: bounded((input, length) => brotliDecompressSync(input, { maxOutputLength: Math.max(1, length) })),
    ZSTD: bounded((input, length) => unzstd(input, new Uint8Array(length))),
  };
}

function plainValue(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  return value instanceof Uint8Array ? textOf(value) : value;
}

/** Older programs write texts without the mark that they are. */
function textOf(bytes: Uint8Array): unknown {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return { bytes: bytes.length };
  }
}

function tooLarge(where: string, most: number): RankscopeError {
  const what = `the Parquet file has more than ${most} bytes once unpacked`;
  return new RankscopeError({ code: 'data', what, where, remedy: 'Give one of its parts, or fewer columns.' });
}
