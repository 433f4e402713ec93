import type { Range } from 'vscode-languageserver';
import { documentSpan, type Example, type Span } from '../../dataset/example.ts';
import type { DocumentText } from '../../dataset/documentText.ts';
import type { Evidence } from '../../judges/judge/judge.ts';

/** A span of the document as editors count: lines, and UTF-16 units in them. */
export function rangeOf(text: DocumentText, { start, end }: Span): Range {
  return { start: text.positionAt(start), end: text.positionAt(end) };
}

export function spanOf(text: DocumentText, { start, end }: Range): Span {
  const [a, b] = [text.offsetAt(start), text.offsetAt(end)];
  return { start: Math.min(a, b), end: Math.max(a, b) };
}

/** Where a verdict's words stand in the document. */
export function evidenceRange(text: DocumentText, example: Example, evidence: Evidence): Range {
  return rangeOf(text, documentSpan(example, evidence));
}
