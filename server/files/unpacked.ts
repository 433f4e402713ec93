/** Unpacks files that are kept as gzip. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { RankscopeError } from '../protocol/errors.ts';
import { longestText } from './plainFile.ts';

const unpack = promisify(gunzip);

/** Whether the content begins as a gzip file does (RFC 1952, section 2.3.1), whatever its name. */
function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/**
 * The content of a gzip file; any other content as it is. Throws RankscopeError('data') for a damaged one, and for one that
 * has more than `most` bytes once unpacked: a small file may hold a very large one.
 */
export async function unpacked(bytes: Buffer, where: string, most: number = longestText): Promise<Buffer> {
  if (!isGzip(bytes)) return bytes;
  try {
    return await unpack(bytes, { maxOutputLength: most });
  } catch (error) {
    const isLarge = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    const what = isLarge
      ? `the gzip file has more than ${most} bytes once unpacked`
      : `the gzip file is damaged (${error instanceof Error ? error.message : String(error)})`;
    const remedy = isLarge ? 'Give a smaller part of it.' : 'Pack the file again, or give it unpacked.';
    throw new RankscopeError({ code: 'data', what, where, remedy }, { cause: error });
  }
}
