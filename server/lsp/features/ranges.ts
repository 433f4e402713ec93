import type { Range } from 'vscode-languageserver';
import { documentSpan, type Example, type Span } from '../../dataset/example.ts';
import type { DocumentText } from '../../dataset/documentText.ts';
import type { Evidence } from '../../judges/judge/judge.ts';

/** Converts a span of the document to the editor's range: lines, and UTF-16 units within a line. */
export function rangeOf(text: DocumentText, { start, end }: Span): Range {
  return { start: text.positionAt(start), end: text.positionAt(end) };
}

export function spanOf(text: DocumentText, { start, end }: Range): Span {
  const [a, b] = [text.offsetAt(start), text.offsetAt(end)];
  return { start: Math.min(a, b), end: Math.max(a, b) };
}

/** Where the words that a verdict rests on stand in the document. */
export function evidenceRange(text: DocumentText, example: Example, evidence: Evidence): Range {
  return rangeOf(text, documentSpan(example, evidence));
}
