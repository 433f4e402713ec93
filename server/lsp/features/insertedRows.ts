import type { TextEdit } from 'vscode-languageserver';
import type { Example } from '../../dataset/example.ts';
import type { JudgedDocument } from '../documents/judgedDocument.ts';
import { rangeOf } from './ranges.ts';
import { rowSpans } from './rowSpans.ts';

/**
 * The edit that puts rows beneath an example's, each the same row with another text in the place of its own; undefined
 * for an index that is none. A line break in a text that its format cannot hold becomes a space.
 */
export function insertedRows(document: JudgedDocument, index: number, texts: readonly string[]): TextEdit | undefined {
  const example = document.examples[index];
  const [row] = rowSpans(document, [index]);
  if (example === undefined || row === undefined) return undefined;
  const { text } = document;
  const before = text.slice(row.start, example.range.start);
  const after = text.slice(example.range.end, row.end);
  const rows = texts.map((one) => before + encoded(document, example, one) + after);
  const ended = after.endsWith('\n');
  const end = rangeOf(text, { start: row.end, end: row.end });
  const newText = ended ? rows.join('') : rows.map((one) => `\n${one}`).join('');
  return { range: end, newText };
}

/** A text as its format writes it in the place of the example's. */
function encoded({ format, text: document }: JudgedDocument, { range }: Example, text: string): string {
  if (format === 'jsonl') return JSON.stringify(text).slice(1, -1);
  const line = format === 'csv' ? text : text.replace(/\s*[\r\n\t]+\s*/g, ' ');
  if (format === 'text') return line;
  const doubled = line.replaceAll('"', '""');
  const isQuoted =
    document.slice(range.start - 1, range.start) === '"' && document.slice(range.end, range.end + 1) === '"';
  if (isQuoted) return doubled;
  const needsQuotes = line.startsWith('"') || (format === 'csv' && /[",\r\n]/.test(line));
  return needsQuotes ? `"${doubled}"` : line;
}
