/**
 * A text that a model, a file or a folder name brought in, made safe to show in one line: control characters, which
 * would drive a terminal, and bidirectional marks, which reorder what stands around them, become visible escapes.
 */
export function printable(text: string): string {
  return text.replace(/[\r\n]+/g, ' ⏎ ').replace(hidden, (unit) => `\\u{${unit.charCodeAt(0).toString(16)}}`);
}

const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
