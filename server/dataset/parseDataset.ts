import { dialectOf, numberedColumns, readHeader, type Header } from './columns.ts';
import { endOfLine, readRow } from './delimited.ts';
import { delimitedRow } from './delimitedLine.ts';
import type { DatasetFormat, DatasetProblem, Example, FieldNames } from './example.ts';
import { itemSpans, skipSpace } from './jsonSource.ts';
import type { LineSchema } from './lineSource.ts';
import { parseLine } from './parseLine.ts';

export interface ParseOptions {
  readonly format: DatasetFormat;
  readonly fields?: FieldNames;
  /** `false`: a CSV or TSV has no header line, and its columns are named `1`, `2`, ... from the left. */
  readonly header?: boolean;
  /**
   * Whether the form of the whole file is looked at first: a JSON array, and quoted line ends in tab-separated files. An
   * editor, which reads line by line while a person writes, does not.
   */
  readonly wholeFile?: boolean;
}

export interface ParsedDataset {
  readonly examples: readonly Example[];
  /** Lines that gave no example; they do not stop the others. */
  readonly problems: readonly DatasetProblem[];
  /** What `parseLine` needs to read one of its lines again. */
  readonly schema: LineSchema;
  /** Whether every row is a line of its own: no quoted field of a CSV spans two, and none is broken. */
  readonly lineByLine: boolean;
}

/** All examples of a document with their ranges, in order. Broken lines become problems; nothing throws. */
export function parseDataset(text: string, options: ParseOptions): ParsedDataset {
  const schema: LineSchema = { format: options.format, fields: options.fields ?? {} };
  // A byte order mark is no part of the first line.
  const start = text.startsWith('\uFEFF') ? 1 : 0;
  const { wholeFile = false } = options;
  if (wholeFile && schema.format === 'jsonl' && text[skipSpace(text, start)] === '[') {
    return parseArray(text, start, schema);
  }
  return schema.format === 'jsonl' || schema.format === 'text'
    ? parseLines(text, start, schema)
    : parseRows(text, start, schema, { hasHeader: options.header ?? true, wholeFile });
}

function parseLines(text: string, start: number, schema: LineSchema): ParsedDataset {
  const examples: Example[] = [];
  const problems: DatasetProblem[] = [];
  let line = 1;
  for (let offset = start; offset < text.length; line++) {
    const end = endOfLine(text, offset);
    const result = parseLine({ text: text.slice(offset, end), line, offset }, schema);
    examples.push(...result.examples);
    problems.push(...result.problems);
    offset = nextLine(text, end);
  }
  return { examples, problems, schema, lineByLine: true };
}

/** A JSON array, each item as a line of JSONL would be. */
function parseArray(text: string, start: number, schema: LineSchema): ParsedDataset {
  const whole = { examples: [], schema, lineByLine: false };
  try {
    JSON.parse(text.slice(start));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const what = `the file is a JSON array that cannot be read: ${reason}`;
    return { ...whole, problems: [{ line: 1, range: { start, end: text.length }, what, remedy: 'Correct the file.' }] };
  }
  const examples: Example[] = [];
  const problems: DatasetProblem[] = [];
  let line = 1;
  let counted = start;
  for (const { start: from, end } of itemSpans(text, skipSpace(text, start))) {
    line += breaksBetween(text, counted, from);
    counted = from;
    const result = parseLine({ text: text.slice(from, end), line, offset: from }, schema);
    examples.push(...result.examples);
    problems.push(...result.problems);
  }
  return { ...whole, examples, problems };
}

function parseRows(
  text: string,
  start: number,
  schema: LineSchema,
  { hasHeader, wholeFile }: { readonly hasHeader: boolean; readonly wholeFile: boolean },
): ParsedDataset {
  const examples: Example[] = [];
  const problems: DatasetProblem[] = [];
  const header = (hasHeader ? readHeader : numberedColumns)(text, start, schema.format, schema.fields);
  if (header.columns === undefined) {
    const fault = header.fault ?? { what: 'the header is broken', remedy: 'Correct it.' };
    return { examples, problems: [{ line: 1, range: header.range, ...fault }], schema, lineByLine: false };
  }
  const columns = { ...header.columns, ...(wholeFile && hasOpenQuotes(text, header, schema) && { openQuotes: true }) };
  let line = 1 + breaksBetween(text, start, header.next);
  let lineByLine = line <= 2;
  for (let offset = header.next; offset < text.length;) {
    const result = delimitedRow(text, offset, { offset: 0, line }, schema.format, columns);
    examples.push(...result.examples);
    problems.push(...result.problems);
    line += breaksBetween(text, offset, result.next);
    offset = result.next;
    lineByLine &&= result.alone;
  }
  return { examples, problems, schema: { ...schema, columns }, lineByLine };
}

/**
 * Whether quoted fields of a tab-separated file go over line ends, as those of a CSV: where it is whole when it is read
 * so (every row of the header's length), and is not when every line is a row.
 */
function hasOpenQuotes(text: string, { columns, next }: Header, { format }: LineSchema): boolean {
  if (format === 'csv' || columns === undefined || !text.includes('"', next)) return false;
  const isWhole = (openQuotes: boolean): boolean => {
    for (let at = next; at < text.length;) {
      const row = readRow(text, at, dialectOf(format, openQuotes));
      const isBlank = row.range.start === row.range.end;
      if (row.fault !== undefined || (!isBlank && row.cells.length !== columns.count)) return false;
      at = row.next;
    }
    return true;
  };
  return !isWhole(false) && isWhole(true);
}

/** Where the line after the one ending at `end` begins. */
function nextLine(text: string, end: number): number {
  if (text[end] === '\n') return end + 1;
  return text[end] === '\r' ? end + 2 : text.length;
}

function breaksBetween(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
