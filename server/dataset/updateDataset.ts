import { dialectOf } from './columns.ts';
import { endOfLine, readRow } from './delimited.ts';
import type { Example, Span } from './example.ts';
import { type ParsedDataset, parseDataset } from './parseDataset.ts';
import { parseLine } from './parseLine.ts';

/** One edit: what stood at `range` of the old document is now `text`. */
export interface TextChange {
  readonly range: Span;
  readonly text: string;
}

/** A data set after an edit, and which of its examples were read anew. */
export interface UpdatedDataset extends ParsedDataset {
  /** Index range into `examples`; those outside it are the old ones, moved. */
  readonly fresh: Span;
}

/**
 * The data set of an edited document, reading only the lines that the edit touches and moving the rest. It equals
 * `parseDataset` of the new document. Where line by line is not enough (a header changed, a CSV field over several
 * lines may be involved) the whole is read again.
 */
export function updateDataset(
  before: string,
  after: string,
  parsed: ParsedDataset,
  change: TextChange,
): UpdatedDataset {
  const old = wholeLines(before, change.range);
  const inserted = { start: change.range.start, end: change.range.start + change.text.length };
  const now = wholeLines(after, inserted);
  if (!canUpdate(after, parsed, old, now)) {
    const { format, fields } = parsed.schema;
    const all = parseDataset(after, { format, fields });
    return { ...all, fresh: { start: 0, end: all.examples.length } };
  }
  const line = 1 + lineBreaks(before, 0, old.start);
  const middle = readLines(after, now, line, parsed);
  const move = {
    offset: after.length - before.length,
    lines: lineBreaks(after, now.start, now.end) - lineBreaks(before, old.start, old.end),
  };
  const lastOld = line + lineBreaks(before, old.start, old.end);
  const examples = splice(parsed.examples, line, lastOld, middle.examples, move);
  const problems = splice(parsed.problems, line, lastOld, middle.problems, move);
  const start = firstAfter(parsed.examples, line - 1);
  return {
    examples,
    problems,
    schema: parsed.schema,
    lineByLine: true,
    fresh: { start, end: start + middle.examples.length },
  };
}

/** The lines a span touches, whole, without the last one's line break. */
function wholeLines(text: string, { start, end }: Span): Span {
  const from = start === 0 ? 0 : text.lastIndexOf('\n', start - 1) + 1;
  const feed = text.indexOf('\n', end);
  return { start: from, end: feed < 0 ? text.length : feed };
}

/** Whether the edit's lines can be read apart from all others. */
function canUpdate(after: string, { schema, lineByLine }: ParsedDataset, old: Span, now: Span): boolean {
  // The first line may hold a byte order mark or a header.
  if (!lineByLine || old.start === 0 || now.start === 0) return false;
  // A quoted field left open runs on into the lines below.
  const dialect = dialectOf(schema.format);
  return (
    schema.format !== 'csv' ||
    everyLine(after, now, (start, end) => readRow(after.slice(start, end), 0, dialect).fault === undefined)
  );
}

function readLines(
  text: string,
  span: Span,
  firstLine: number,
  { schema }: ParsedDataset,
): Pick<ParsedDataset, 'examples' | 'problems'> {
  const results: ReturnType<typeof parseLine>[] = [];
  let line = firstLine;
  everyLine(text, span, (offset) => {
    results.push(parseLine({ text: text.slice(offset, endOfLine(text, offset)), line: line++, offset }, schema));
    return true;
  });
  return { examples: results.flatMap((r) => r.examples), problems: results.flatMap((r) => r.problems) };
}

/** Whether all lines of a span pass; `end` is before the line break. */
function everyLine(text: string, span: Span, passes: (start: number, end: number) => boolean): boolean {
  for (let start = span.start; ;) {
    const feed = text.indexOf('\n', start);
    const end = feed < 0 || feed > span.end ? span.end : feed;
    if (!passes(start, end)) return false;
    if (end >= span.end) return true;
    start = end + 1;
  }
}

interface Move {
  readonly offset: number;
  readonly lines: number;
}

type Placed = Pick<Example, 'line' | 'range'>;

/** What is on earlier lines, the new, and what is on later lines, moved. */
function splice<Item extends Placed>(
  items: readonly Item[],
  firstLine: number,
  lastLine: number,
  fresh: readonly Item[],
  move: Move,
): readonly Item[] {
  const head = items.slice(0, firstAfter(items, firstLine - 1));
  const tail = items.slice(firstAfter(items, lastLine));
  const still = move.offset === 0 && move.lines === 0;
  return head.concat(fresh, still ? tail : tail.map((item) => moved(item, move)));
}

function moved<Item extends Placed>(item: Item, { offset, lines }: Move): Item {
  const { start, end } = item.range;
  return { ...item, line: item.line + lines, range: { start: start + offset, end: end + offset } };
}

/** Index of the first item on a line after the given one; items are in line order. */
function firstAfter(items: readonly Placed[], line: number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.line ?? 0) <= line) low = middle + 1;
    else high = middle;
  }
  return low;
}

function lineBreaks(text: string, from: number, to: number): number {
  let found = 0;
  for (let at = text.indexOf('\n', from); at >= 0 && at < to; at = text.indexOf('\n', at + 1)) found++;
  return found;
}
