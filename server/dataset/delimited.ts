import { noEscapes, type Span } from './example.ts';

/** One field of a delimited row. */
export interface Cell {
  /** Source of its value: inside the quotes where it is quoted. */
  readonly range: Span;
  readonly quoted: boolean;
}

export interface Row {
  readonly cells: readonly Cell[];
  /** Source of the row without its line break. */
  readonly range: Span;
  /** Where the next row begins. */
  readonly next: number;
  /** Why the row cannot be read, and where. */
  readonly fault?: { readonly what: string; readonly at: number };
}

export interface Dialect {
  readonly delimiter: ',' | ';' | '\t';
  /** Whether a quoted field may go over line ends; else a quote that does not close on its line is a character. */
  readonly openQuotes: boolean;
}

const quote = '"';

/**
 * Reads the row that begins at `start` (RFC 4180: quoted fields may hold delimiters, doubled quotes and line breaks).
 * In tab-separated files a quote that does not open and close a field on one line is an ordinary character, since
 * most programs that write them do not quote at all.
 */
export function readRow(text: string, start: number, dialect: Dialect): Row {
  const cells: Cell[] = [];
  let at = start;
  const lineEnd = endOfLine(text, start);
  for (;;) {
    const cell = text[at] === quote ? quotedCell(text, at, dialect) : undefined;
    if (cell?.fault !== undefined) return { cells, ...rowEnd(text, start, lineEnd), fault: cell.fault };
    const end = cell?.end ?? plainEnd(text, at, dialect);
    cells.push(cell ? { range: cell.range, quoted: true } : { range: { start: at, end }, quoted: false });
    if (text[end] !== dialect.delimiter) return { cells, ...rowEnd(text, start, end) };
    at = end + 1;
  }
}

/** A cell's value and where its doubled quotes are. */
export function cellText(text: string, cell: Cell): { readonly text: string; readonly escapes: readonly number[] } {
  const source = text.slice(cell.range.start, cell.range.end);
  if (!cell.quoted || !source.includes(quote)) return { text: source, escapes: noEscapes };
  const escapes: number[] = [];
  for (let at = source.indexOf(quote); at >= 0; at = source.indexOf(quote, at + 2)) {
    escapes.push(at - escapes.length / 2, 2);
  }
  return { text: source.replaceAll('""', '"'), escapes };
}

/** Offset of the line's end: before its `\n` or `\r\n`, or the end of the text. */
export function endOfLine(text: string, from: number): number {
  const feed = text.indexOf('\n', from);
  const end = feed < 0 ? text.length : feed;
  return end > from && text[end - 1] === '\r' ? end - 1 : end;
}

function rowEnd(text: string, start: number, end: number): { range: Span; next: number } {
  const feed = text.indexOf('\n', end);
  return { range: { start, end }, next: feed < 0 ? text.length : feed + 1 };
}

function plainEnd(text: string, from: number, { delimiter }: Dialect): number {
  let at = from;
  while (at < text.length) {
    const character = text[at];
    if (character === delimiter || character === '\n') break;
    if (character === '\r' && (at + 1 === text.length || text[at + 1] === '\n')) break;
    at++;
  }
  return at;
}

interface QuotedCell {
  readonly range: Span;
  /** Offset after the closing quote. */
  readonly end: number;
  readonly fault?: { readonly what: string; readonly at: number };
}

/** The quoted cell at `from`; undefined where a tab-separated file's quote is to be read as it stands. */
function quotedCell(text: string, from: number, dialect: Dialect): QuotedCell | undefined {
  const lenient = !dialect.openQuotes;
  const limit = lenient ? endOfLine(text, from) : text.length;
  const closing = closingQuote(text, from + 1, limit);
  const range = { start: from + 1, end: closing ?? limit };
  const end = (closing ?? limit) + 1;
  const after = text[end];
  const closed = closing !== undefined && (after === undefined || [dialect.delimiter, '\n', '\r'].includes(after));
  if (closed) return { range, end };
  if (lenient) return undefined;
  const what = closing === undefined ? 'a quoted field is not closed' : 'text follows the closing quote of a field';
  return { range, end, fault: { what, at: closing === undefined ? from : end } };
}

function closingQuote(text: string, from: number, limit: number): number | undefined {
  let at = text.indexOf(quote, from);
  while (at >= 0 && at < limit && text[at + 1] === quote) at = text.indexOf(quote, at + 2);
  return at >= 0 && at < limit ? at : undefined;
}
