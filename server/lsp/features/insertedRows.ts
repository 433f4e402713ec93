import type { TextEdit } from 'vscode-languageserver';
import { dialectOf } from '../../dataset/columns.ts';
import type { Example } from '../../dataset/example.ts';
import type { JudgedDocument } from '../documents/judgedDocument.ts';
import { rangeOf } from './ranges.ts';
import { hasRows, rowSpans } from './rowSpans.ts';

/**
 * The edit that puts rows beneath an example's, each the same row with another text in the place of its own; undefined
 * for an index that is none, and for records that are not a line each. A line break in a text that its format cannot hold becomes a space.
 */
export function insertedRows(document: JudgedDocument, index: number, texts: readonly string[]): TextEdit | undefined {
  const example = document.examples[index];
  const [row] = hasRows(document) ? rowSpans(document, [index]) : [];
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
function encoded({ schema, text: document }: JudgedDocument, { range }: Example, text: string): string {
  const { format, columns } = schema;
  if (format === 'jsonl') return JSON.stringify(text).slice(1, -1);
  if (format === 'text') return onOneLine(text);
  const { delimiter, openQuotes } = dialectOf(format, columns);
  const line = openQuotes ? text : onOneLine(text);
  const doubled = line.replaceAll('"', '""');
  const isQuoted =
    document.slice(range.start - 1, range.start) === '"' && document.slice(range.end, range.end + 1) === '"';
  if (isQuoted) return doubled;
  const needsQuotes = line.startsWith('"') || (openQuotes && /["\r\n]/.test(line)) || line.includes(delimiter);
  return needsQuotes ? `"${doubled}"` : line;
}

function onOneLine(text: string): string {
  return text.replace(/\s*[\r\n\t]+\s*/g, ' ');
}
