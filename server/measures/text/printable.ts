/**
 * Text that a model, a file or a person brought in, made safe to look at: control characters, which would drive a
 * terminal, and bidirectional marks, which reorder what stands around them, become visible escapes.
 */

/** In one line. */
export function printable(text: string): string {
  return printableLines(text.replace(/[\r\n]+/g, ' ⏎ '));
}

/** Line breaks and tabs stay. */
export function printableLines(text: string): string {
  return text.replace(hidden, escaped);
}

const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function escaped(unit: string): string {
  return `\\u{${unit.charCodeAt(0).toString(16)}}`;
}
