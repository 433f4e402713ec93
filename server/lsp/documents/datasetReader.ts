import { readHeader } from '../../dataset/columns.ts';
import { endOfLine } from '../../dataset/delimited.ts';
import { delimitedRow } from '../../dataset/delimitedLine.ts';
import type { DatasetFormat, DatasetProblem, Example, FieldNames } from '../../dataset/example.ts';
import type { LineSchema } from '../../dataset/lineSource.ts';
import { parseLine } from '../../dataset/parseLine.ts';
import type { EditorLimits } from '../../protocol/messages/editor.ts';

/** A data set being read: what was found up to `position`. Reading goes on with `readOn`. */
export interface DatasetReader {
  readonly schema: LineSchema;
  readonly examples: Example[];
  readonly problems: DatasetProblem[];
  readonly lineByLine: boolean;
  /** Offset up to which the document was read: the beginning of a line, or the end of the document. */
  readonly position: number;
  /** 1-based number of the line that begins at `position`. */
  readonly line: number;
  /** Whether there is nothing more to read. */
  readonly done: boolean;
  /** Why the rest of the document is not read, where a limit was reached. */
  readonly stopped: string | undefined;
}

type Limits = Pick<EditorLimits, 'characters' | 'lines' | 'lineLength'>;

/** Begins to read a document: its byte order mark and, of delimited files, its header. */
export function openReader(text: string, format: DatasetFormat, fields: FieldNames, limits: Limits): DatasetReader {
  const start = text.startsWith('\uFEFF') ? 1 : 0;
  const fresh = { examples: [], problems: [], lineByLine: true, line: 1, done: false, stopped: undefined };
  if (format === 'jsonl' || format === 'text') return { ...fresh, schema: { format, fields }, position: start };
  const length = endOfLine(text, start) - start;
  if (length > limits.lineLength) {
    const problems = [tooLong(1, start, length, limits.lineLength)];
    return { ...fresh, problems, schema: { format, fields }, position: text.length, lineByLine: false, done: true };
  }
  const header = readHeader(text, start, format, fields);
  if (header.columns === undefined) {
    const fault = header.fault ?? { what: 'the header is broken', remedy: 'Correct it.' };
    const problems = [{ line: 1, range: header.range, ...fault }];
    return { ...fresh, problems, schema: { format, fields }, position: text.length, lineByLine: false, done: true };
  }
  const line = 1 + lineBreaks(text, start, header.next);
  const schema = { format, fields, columns: header.columns };
  return { ...fresh, schema, position: header.next, line, lineByLine: line <= 2 };
}

/** Of a document that is not judged: nothing was found in it, and nothing is to be read. */
export function unreadReader(length: number, format: DatasetFormat): DatasetReader {
  const nothing = { examples: [], problems: [], lineByLine: true, line: 1, stopped: undefined };
  return { ...nothing, schema: { format, fields: {} }, position: length, done: true };
}

/**
 * Reads on until `enough`, which is called now and then, returns true, or until a limit or the end is reached. It
 * appends to the arrays of the given reader, which must not be used again.
 */
export function readOn(reader: DatasetReader, text: string, limits: Limits, enough: () => boolean): DatasetReader {
  const { examples, problems, schema } = reader;
  let { position, line, lineByLine } = reader;
  const last = Math.min(text.length, limits.characters);
  for (let count = 1; position < last && line <= limits.lines; count++) {
    const step = readStep(text, position, line, schema, limits);
    for (const example of step.examples) examples.push(example);
    for (const problem of step.problems) problems.push(problem);
    position = step.next;
    line = step.line;
    lineByLine &&= step.alone;
    if (count % 32 === 0 && enough()) break;
  }
  const stopped = position < text.length ? limitReached(position, line, limits) : undefined;
  const done = position >= text.length || stopped !== undefined;
  return { schema, examples, problems, lineByLine, position, line, done, stopped };
}

interface Step {
  readonly examples: readonly Example[];
  readonly problems: readonly DatasetProblem[];
  readonly next: number;
  readonly line: number;
  readonly alone: boolean;
}

/** One line, or one row of a delimited file. */
function readStep(text: string, position: number, line: number, schema: LineSchema, limits: Limits): Step {
  const end = endOfLine(text, position);
  const feed = text.indexOf('\n', end);
  const next = { next: feed < 0 ? text.length : feed + 1, line: line + 1, alone: true };
  if (end - position > limits.lineLength) {
    return { examples: [], problems: [tooLong(line, position, end - position, limits.lineLength)], ...next };
  }
  if (schema.columns === undefined) {
    return { ...parseLine({ text: text.slice(position, end), line, offset: position }, schema), ...next };
  }
  const row = delimitedRow(text, position, { offset: 0, line }, schema.format, schema.columns);
  return { ...row, line: row.next === next.next ? next.line : line + lineBreaks(text, position, row.next) };
}

function tooLong(line: number, start: number, length: number, limit: number): DatasetProblem {
  return {
    line,
    range: { start, end: start + Math.min(length, 80) },
    what: `the line has ${length} characters and is not judged: the limit is ${limit}`,
    remedy: 'Break the text up, or raise the setting limits.lineLength.',
  };
}

function limitReached(position: number, line: number, limits: Limits): string | undefined {
  if (position >= limits.characters) {
    return `Only the first ${line - 1} lines and those on the screen are judged: the document has more than ${limits.characters} characters (setting limits.characters).`;
  }
  return line > limits.lines
    ? `Only the first ${limits.lines} lines and those on the screen are judged: the document has more (setting limits.lines).`
    : undefined;
}

function lineBreaks(text: string, from: number, to: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
