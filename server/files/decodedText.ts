/** Turns the bytes of a text file into text, by the encoding that its first bytes tell. */
import { RankscopeError } from '../protocol/errors.ts';

/** Bytes at the beginning that are looked at for the signs of an encoding. */
const lookedAt = 4096;

/**
 * UTF-8, or UTF-16 with a byte order mark; the mark is no part of the text. Every line end that is a lone carriage return
 * becomes a line feed, as editors do on opening a file, so that offsets stay what they were. Throws RankscopeError('data')
 * for UTF-16 without its mark, for UTF-32, and for bytes that are no text.
 */
export function decodedText(bytes: Buffer, where: string): string {
  const text = decoded(bytes, where);
  return text.includes('\r') ? text.replace(/\r(?!\n)/g, '\n') : text;
}

function decoded(bytes: Buffer, where: string): string {
  if (startsWith(bytes, 0xff, 0xfe, 0, 0) || startsWith(bytes, 0, 0, 0xfe, 0xff)) throw unread('is UTF-32', where);
  if (startsWith(bytes, 0xff, 0xfe)) return decodedAs('utf-16le', bytes, where);
  if (startsWith(bytes, 0xfe, 0xff)) return decodedAs('utf-16le', swapped(bytes, where), where);
  if (looksLikeUtf16(bytes)) throw unread('is UTF-16 without a byte order mark', where);
  return decodedAs('utf-8', bytes, where);
}

function decodedAs(encoding: 'utf-8' | 'utf-16le', bytes: Uint8Array, where: string): string {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    throw unread(`is no ${encoding === 'utf-8' ? 'UTF-8' : 'UTF-16'} text, or too long for one`, where, error);
  }
}

/** The same text with the low byte of each unit first: some systems have no decoder of the other order. */
function swapped(bytes: Buffer, where: string): Uint8Array {
  if (bytes.length % 2 !== 0) throw unread('is UTF-16 that ends in half a unit', where);
  return Buffer.from(bytes).swap16();
}

/** Whether every other byte of most of the beginning is 0, as the upper bytes of Latin letters are. */
function looksLikeUtf16(bytes: Buffer): boolean {
  const beginning = bytes.subarray(0, lookedAt);
  const zeros = [0, 0];
  beginning.forEach((byte, i) => {
    if (byte === 0) zeros[i % 2] = (zeros[i % 2] ?? 0) + 1;
  });
  return Math.max(...zeros) > 0.3 * (beginning.length / 2);
}

function startsWith(bytes: Uint8Array, ...signs: readonly number[]): boolean {
  return signs.every((sign, i) => bytes[i] === sign);
}

function unread(what: string, where: string, cause?: unknown): RankscopeError {
  const details = { code: 'data' as const, what: `the file ${what}`, where };
  const remedy = 'Save it as UTF-8, or as UTF-16 with a byte order mark, of at most 500 MB.';
  return new RankscopeError({ ...details, remedy }, cause === undefined ? {} : { cause });
}
