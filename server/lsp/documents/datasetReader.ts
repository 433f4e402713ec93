import { endOfLine } from '../../dataset/delimited.ts';
import type { DatasetFormat, DatasetProblem, Example, FieldNames, Span } from '../../dataset/example.ts';
import { lineBreaks, type LineSchema } from '../../dataset/lineSource.ts';
import { openRows, rowAt } from '../../dataset/readRows.ts';
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
  const length = endOfLine(text, start) - start;
  const isTable = format !== 'jsonl' && format !== 'text';
  const fresh = { examples: [], problems: [], done: false, stopped: undefined };
  if (isTable && length > limits.lineLength) {
    const problems = [tooLong(1, { start, end: start + length }, limits.lineLength)];
    const unread = { schema: { format, fields }, position: text.length, line: 1, lineByLine: false, done: true };
    return { ...fresh, ...unread, problems };
  }
  const { problem, ...opened } = openRows(text, { format, fields });
  return problem === undefined ? { ...fresh, ...opened } : { ...fresh, ...opened, problems: [problem], done: true };
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
    const row = rowAt(text, position, line, schema, limits.lineLength);
    for (const example of row.examples) examples.push(example);
    for (const problem of row.problems) problems.push(problem);
    if (row.tooLong) {
      const at = line + lineBreaks(text, position, row.tooLong.start);
      problems.push(tooLong(at, row.tooLong, limits.lineLength));
    }
    line += lineBreaks(text, position, row.next);
    position = row.next;
    lineByLine &&= row.alone;
    if (count % 32 === 0 && enough()) break;
  }
  const stopped = position < text.length ? limitReached(position, line, limits) : undefined;
  const done = position >= text.length || stopped !== undefined;
  return { schema, examples, problems, lineByLine, position, line, done, stopped };
}

function tooLong(line: number, { start, end }: Span, limit: number): DatasetProblem {
  return {
    line,
    range: { start, end: Math.min(end, start + 80) },
    what: `the line has ${end - start} characters and is not judged: the limit is ${limit}`,
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
