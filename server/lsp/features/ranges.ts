import type { Range } from 'vscode-languageserver';
import type { TextDocument } from 'vscode-languageserver-textdocument';
import { documentSpan, type Example, type Span } from '../../dataset/example.ts';
import type { Evidence } from '../../judges/judge.ts';

/** A span of the document as editors count: lines, and UTF-16 units in them. */
export function rangeOf(text: TextDocument, { start, end }: Span): Range {
  return { start: text.positionAt(start), end: text.positionAt(end) };
}

export function spanOf(text: TextDocument, { start, end }: Range): Span {
  const [a, b] = [text.offsetAt(start), text.offsetAt(end)];
  return { start: Math.min(a, b), end: Math.max(a, b) };
}

/** Where a verdict's words stand in the document. */
export function evidenceRange(text: TextDocument, example: Example, evidence: Evidence): Range {
  return rangeOf(text, documentSpan(example, evidence));
}
