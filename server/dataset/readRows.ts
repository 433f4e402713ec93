/** Reads a document row by row: what files and open documents have in common. */
import { numberedColumns, readHeader, type Columns, dialectOf } from './columns.ts';
import { endOfLine, readRow } from './delimited.ts';
import { delimitedRow } from './delimitedLine.ts';
import type { DatasetFormat, DatasetProblem, FieldNames } from './example.ts';
import { jsonItem, layoutOf } from './jsonItems.ts';
import { jsonLine } from './jsonLine.ts';
import { skipSpace } from './jsonSource.ts';
import { lineBreaks, type LineSchema, type LineSource, type RowResult } from './lineSource.ts';
import { parseLine } from './parseLine.ts';

/** A document whose byte order mark and header were read: its rows begin at `position`. */
export interface OpenedRows {
  readonly schema: LineSchema;
  readonly position: number;
  /** 1-based line that begins there. */
  readonly line: number;
  readonly lineByLine: boolean;
  /** Why no row can be read: then `position` is the end of the text. */
  readonly problem?: DatasetProblem;
}

export interface OpenOptions {
  readonly format: DatasetFormat;
  readonly fields?: FieldNames;
  /** `false`: a CSV or TSV has no header line, and its columns are named `1`, `2`, ... from the left. */
  readonly header?: boolean;
}

/** Finds out how the rows of a document are to be read. */
export function openRows(text: string, { format, fields = {}, header = true }: OpenOptions): OpenedRows {
  // A byte order mark is no part of the first line.
  const start = text.startsWith('\uFEFF') ? 1 : 0;
  if (format === 'text') return { schema: { format, fields }, position: start, line: 1, lineByLine: true };
  return format === 'jsonl' ? openJson(text, start, fields) : openTable(text, start, { format, fields, header });
}

function openJson(text: string, start: number, fields: FieldNames): OpenedRows {
  const layout = layoutOf(text, start);
  const schema = { format: 'jsonl' as const, fields, ...(layout !== 'lines' && { layout }) };
  if (layout !== 'array') return { schema, position: start, line: 1, lineByLine: layout === 'lines' };
  const position = skipSpace(text, start) + 1;
  const opened = { schema, position, line: 1 + lineBreaks(text, start, position), lineByLine: false };
  if (skipSpace(text, position) < text.length) return opened;
  const what = 'the array is not closed';
  const problem = { line: opened.line, range: upTo(text, position - 1), what, remedy: 'Correct the file.' };
  return { ...opened, position: text.length, problem };
}

function openTable(text: string, start: number, { format, fields, header }: Required<OpenOptions>): OpenedRows {
  const found = (header ? readHeader : numberedColumns)(text, start, format, fields);
  if (found.columns === undefined) {
    const fault = found.fault ?? { what: 'the header is broken', remedy: 'Correct it.' };
    const problem = { line: 1, range: found.range, ...fault };
    return { schema: { format, fields }, position: text.length, line: 1, lineByLine: false, problem };
  }
  const isOpen = hasOpenQuotes(text, found.next, format, found.columns);
  const columns = { ...found.columns, ...(isOpen && { openQuotes: true }) };
  const line = 1 + lineBreaks(text, start, found.next);
  return { schema: { format, fields, columns }, position: found.next, line, lineByLine: line <= 2 };
}

/**
 * The row that begins at an offset, which is `opened.position` or the `next` of the row before. A line, or a record of a JSON array, that is
 * longer than `longest` is not read.
 */
export function rowAt(text: string, position: number, line: number, schema: LineSchema, longest = Infinity): RowResult {
  const { layout } = schema;
  if (layout === 'array' || layout === 'values') return jsonRow(text, position, line, { ...schema, layout }, longest);
  const end = endOfLine(text, position);
  const next = nextLine(text, end);
  if (end - position > longest) return { ...nothing, next, alone: true, tooLong: { start: position, end } };
  if (schema.columns !== undefined) {
    return delimitedRow(text, position, { offset: 0, line }, schema.format, schema.columns);
  }
  // Field by field: a spread of the result takes a third of the time of reading a file of short lines.
  const { examples, problems } = parseLine({ text: text.slice(position, end), line, offset: position }, schema);
  return { examples, problems, next, alone: true };
}

const nothing = { examples: [], problems: [] };

/** The records of a JSON file with their places, and what is wrong between them. */
export function* jsonRecords(text: string): Generator<LineSource | DatasetProblem> {
  const { schema, problem, ...opened } = openRows(text, { format: 'jsonl' });
  if (problem) yield problem;
  let { position, line } = opened;
  while (position < text.length) {
    const { layout } = schema;
    const end = endOfLine(text, position);
    if (layout === 'array' || layout === 'values') {
      const { source, fault, next } = jsonRecord(text, position, line, layout);
      if (source) yield source;
      if (fault) yield fault;
      line += lineBreaks(text, position, next);
      position = next;
    } else {
      yield { text: text.slice(position, end), line: line++, offset: position };
      position = nextLine(text, end);
    }
  }
}

interface JsonRecord {
  readonly source?: LineSource;
  readonly fault?: DatasetProblem;
  readonly next: number;
}

function jsonRecord(text: string, position: number, line: number, layout: 'array' | 'values'): JsonRecord {
  const { span, next, fault } = jsonItem(text, position, layout);
  const lineOf = (offset: number) => line + lineBreaks(text, position, offset);
  return {
    next,
    ...(span && { source: { text: text.slice(span.start, span.end), line: lineOf(span.start), offset: span.start } }),
    ...(fault && {
      fault: { line: lineOf(fault.at), range: upTo(text, fault.at), what: fault.what, remedy: 'Correct the file.' },
    }),
  };
}

function jsonRow(
  text: string,
  position: number,
  line: number,
  { layout, fields }: LineSchema & { readonly layout: 'array' | 'values' },
  longest: number,
): RowResult {
  const { source, fault, next } = jsonRecord(text, position, line, layout);
  const problems = fault ? [fault] : [];
  if (source === undefined) return { examples: [], problems, next, alone: false };
  const end = source.offset + source.text.length;
  if (source.text.length > longest)
    return { ...nothing, problems, next, alone: false, tooLong: { start: source.offset, end } };
  const read = jsonLine(source, fields);
  return { examples: read.examples, problems: [...read.problems, ...problems], next, alone: false };
}

/** From an offset to the end of its line, at least one unit wide where there is one. */
function upTo(text: string, at: number): { start: number; end: number } {
  const start = Math.max(0, Math.min(at, text.length - 1));
  return { start, end: Math.max(endOfLine(text, start), Math.min(start + 1, text.length)) };
}

/** Where the line after the one ending at `end` begins. */
function nextLine(text: string, end: number): number {
  const feed = text.indexOf('\n', end);
  return feed < 0 ? text.length : feed + 1;
}

/**
 * Whether quoted fields of a tab-separated file go over line ends, as those of a CSV: where every row is whole when it is
 * read so, and is not when every line is a row.
 */
export function hasOpenQuotes(text: string, next: number, format: DatasetFormat, columns: Columns): boolean {
  if (format === 'csv' || !text.includes('"', next)) return false;
  const isWhole = (openQuotes: boolean): boolean => {
    const dialect = dialectOf(format, { ...columns, openQuotes });
    for (let at = next; at < text.length;) {
      const row = readRow(text, at, dialect);
      const isBlank = row.range.start === row.range.end;
      if (row.fault !== undefined || (!isBlank && row.cells.length !== columns.count)) return false;
      at = row.next;
    }
    return true;
  };
  return !isWhole(false) && isWhole(true);
}
