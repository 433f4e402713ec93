/**
 * The 256 characters that byte-level BPE spells bytes with (GPT-2's `bytes_to_unicode`): printable Latin-1 stands for
 * itself, every other byte for a character from U+0100 on.
 */
export const BYTE_ALPHABET: readonly string[] = buildAlphabet();

const LETTERS: ReadonlySet<string> = new Set(BYTE_ALPHABET);

/** Whether every character of `token` is one of the alphabet. */
export function isSpelledInBytes(token: string): boolean {
  return Array.from(token).every((character) => LETTERS.has(character));
}

/** `text` spelled byte by byte of its UTF-8. */
export function spellInBytes(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => BYTE_ALPHABET[byte]).join('');
}

function buildAlphabet(): string[] {
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isPrintable(byte) ? byte : next++));
}

function isPrintable(byte: number): boolean {
  return (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}
