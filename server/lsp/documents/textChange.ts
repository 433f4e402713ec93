import { TextDocumentContentChangeEvent } from 'vscode-languageserver';
import type { Span } from '../../dataset/example.ts';
import type { DocumentText } from '../../dataset/documentText.ts';

/** One edit: what stood at `range` of the old document is now `text`. */
export interface TextChange {
  readonly range: Span;
  readonly text: string;
}

/**
 * Converts an edit to offsets into the document before the edit. A client may send the whole text instead. That
 * text is compared with the old one, so that unchanged lines need not be read again.
 */
export function textChange(text: DocumentText, event: TextDocumentContentChangeEvent): TextChange {
  if (!TextDocumentContentChangeEvent.isIncremental(event)) return difference(text.getText(), event.text);
  const [a, b] = [text.offsetAt(event.range.start), text.offsetAt(event.range.end)];
  return { range: { start: Math.min(a, b), end: Math.max(a, b) }, text: event.text };
}

/** The one range in which two texts differ. */
function difference(before: string, after: string): TextChange {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let same = 0;
  while (
    same < shorter - start &&
    before.charCodeAt(before.length - 1 - same) === after.charCodeAt(after.length - 1 - same)
  ) {
    same++;
  }
  return { range: { start, end: before.length - same }, text: after.slice(start, after.length - same) };
}
