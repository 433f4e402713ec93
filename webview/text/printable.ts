/**
 * Text that a model, a file or a person brought in, made safe to look at: it always goes into the page as text, and what
 * would be invisible or reorder its surroundings (control characters, bidirectional marks) becomes a visible escape.
 * Line breaks and tabs stay.
 */
export function printable(text: string): string {
  return text.replace(hidden, (unit) => `\\u{${unit.charCodeAt(0).toString(16)}}`);
}

/** The same in one line, line breaks shown as a sign, at most `limit` UTF-16 units of it. */
export function oneLine(text: string, limit = 300): string {
  const shortened = text.length > limit ? `${text.slice(0, limit)}…` : text;
  return printable(shortened.replace(/[\r\n]+/g, ' ⏎ '));
}

const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
