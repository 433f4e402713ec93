import type { Example, Span } from '../../dataset/example.ts';
import { layoutOf } from '../../dataset/jsonItems.ts';
import { hasOpenQuotes } from '../../dataset/readRows.ts';
import type { EditorLimits } from '../../protocol/messages/editor.ts';
import type { TextChange } from './textChange.ts';
import { type DatasetReader, openReader, readOn } from './datasetReader.ts';
import type { DocumentText } from '../../dataset/documentText.ts';

/** A reader after an edit. */
export interface EditedReader {
  readonly reader: DatasetReader;
  /** Examples that were read anew; those before are the old ones, those after the old ones moved. */
  readonly fresh: Span;
  /** How many of the old examples stood where the fresh ones are. */
  readonly removed: number;
}

/** An edit of more than this is read in slices, from the document's beginning. */
const largeEdit = 1_000_000;

/** A document of more than this is never read whole at one go. */
const largeDocument = 2_000_000;

/**
 * Edits the text, and the reader with it, which must not be used again: the lines that the edit touches are read anew,
 * the others move, in place: two hundred thousand copies a keystroke take their time. The result equals reading the
 * whole again. Where lines do not stand alone (a header changed, a CSV field over several lines may be involved) a small
 * document is read whole; of a large one the reader is undefined, and it is to be read from its beginning in slices.
 */
export function editedReader(
  text: DocumentText,
  reader: DatasetReader,
  change: TextChange,
  version: number,
  limits: EditorLimits,
): EditedReader | undefined {
  const { range } = change;
  const whole = reader.position >= text.length;
  const start = text.lineStart(range.start);
  const end = text.lineEnd(range.end);
  const before = text.feedsBefore(start);
  const feeds = text.feedsBefore(end) - before;
  const grown = change.text.length - (range.end - range.start);
  text.update(range, change.text, version);
  if (isReadOtherwise(text, start, reader)) return readAnew(text, reader, limits);
  if (!whole && range.start >= reader.position) return { reader, fresh: { start: 0, end: 0 }, removed: 0 };
  // The line end before `position` must stay, so that what was read stays a document of whole lines.
  if ((!whole && range.end >= reader.position) || change.text.length > largeEdit) return undefined;
  const lines = readAlone(text.slice(start, end + grown), start, 1 + before, reader, limits);
  const move = { offset: grown, lines: text.feedsBefore(end + grown) - before - feeds };
  if (lines !== undefined) return spliced(reader, { start, end }, lines, move);
  return readAnew(text, reader, limits);
}

function readAnew(text: DocumentText, reader: DatasetReader, limits: EditorLimits): EditedReader | undefined {
  return reader.done && text.length <= largeDocument ? readWhole(text, reader, limits) : undefined;
}

/**
 * Whether the edited document is to be read in another way than before: its records are laid out otherwise, or its quoted
 * fields go over line ends now. Of a large tab-separated document that is found out when it is opened again.
 */
function isReadOtherwise(text: DocumentText, editedLine: number, { schema }: DatasetReader): boolean {
  const { format, layout = 'lines', columns } = schema;
  if (format === 'jsonl') {
    return editedLine < largeDocument && layoutOf(text.slice(0, largeDocument), 0) !== layout;
  }
  if (format === 'text' || format === 'csv' || columns === undefined || text.length > largeDocument) return false;
  return hasOpenQuotes(text.getText(), text.lineEnd(0), format, columns) !== (columns.openQuotes ?? false);
}

/** The touched lines read by themselves, at offset 0; undefined where that is not the same as reading all. */
function readAlone(
  lines: string,
  start: number,
  line: number,
  { schema, lineByLine }: DatasetReader,
  limits: EditorLimits,
): DatasetReader | undefined {
  const delimited = schema.format !== 'jsonl' && schema.format !== 'text';
  // The first line may be a header, on which all others depend.
  if (!lineByLine || (delimited && (start === 0 || schema.columns === undefined))) return undefined;
  const mark = start === 0 && lines.startsWith('\uFEFF') ? 1 : 0;
  const opened = { examples: [], problems: [], lineByLine, position: mark, line, done: false, stopped: undefined };
  const unlimited = { ...limits, characters: Infinity, lines: Infinity };
  const read = readOn({ ...opened, schema }, lines, unlimited, () => false);
  return read.lineByLine ? read : undefined;
}

interface Move {
  readonly offset: number;
  readonly lines: number;
}

function spliced(reader: DatasetReader, old: Span, lines: DatasetReader, move: Move): EditedReader {
  const { at, removed } = replaced(reader.examples, old, lines.examples, move);
  replaced(reader.problems, old, lines.problems, move);
  const { stopped, done } = reader;
  const place = { position: reader.position + move.offset, line: reader.line + move.lines };
  // Where a limit has stopped the reading, it is for the next slice to find out whether it still does.
  const going = { done: done && stopped === undefined, stopped: undefined };
  return { reader: { ...reader, ...place, ...going }, fresh: { start: at, end: at + lines.examples.length }, removed };
}

type Placed = Pick<Example, 'line' | 'range'>;

/** Puts the items of the touched lines in the place of the old ones and moves those behind them, all in place. */
function replaced<Item extends Placed>(
  items: Item[],
  old: Span,
  fresh: readonly Item[],
  move: Move,
): { readonly at: number; readonly removed: number } {
  const at = firstFrom(items, old.start);
  const removed = firstFrom(items, old.end) - at;
  movedInPlace(fresh, 0, { offset: old.start, lines: 0 });
  movedInPlace(items, at + removed, move);
  if (fresh.length < 1000) items.splice(at, removed, ...fresh);
  else replaceMany(items, at, removed, fresh);
  return { at, removed };
}

/** As `splice`, which takes only so many arguments. */
function replaceMany<Item>(items: Item[], at: number, removed: number, fresh: readonly Item[]): void {
  const tail = items.splice(at);
  for (const item of fresh) items.push(item);
  for (let i = removed; i < tail.length; i++) items.push(tail[i] as Item);
}

function movedInPlace(items: readonly Placed[], from: number, { offset, lines }: Move): void {
  if (offset === 0 && lines === 0) return;
  const movable = items as readonly { line: number; range: { start: number; end: number } }[];
  for (let i = from; i < movable.length; i++) {
    const item = movable[i];
    if (item === undefined) continue;
    item.line += lines;
    item.range.start += offset;
    item.range.end += offset;
  }
}

/** Index of the first item that begins at or after the beginning of a line. */
function firstFrom(items: readonly Placed[], offset: number): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((items[middle]?.range.start ?? Infinity) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Reads all again; the examples at both ends that say the same as before are no news. */
function readWhole(text: DocumentText, before: DatasetReader, limits: EditorLimits): EditedReader {
  const { format, fields } = before.schema;
  const whole = text.getText();
  const reader = readOn(openReader(whole, format, fields, limits), whole, limits, () => false);
  const [old, now] = [before.examples, reader.examples];
  const shorter = Math.min(old.length, now.length);
  let start = 0;
  while (start < shorter && sameText(old[start], now[start])) start++;
  let same = 0;
  while (same < shorter - start && sameText(old[old.length - 1 - same], now[now.length - 1 - same])) same++;
  return { reader, fresh: { start, end: now.length - same }, removed: old.length - same - start };
}

function sameText(a: Example | undefined, b: Example | undefined): boolean {
  return a?.text === b?.text && a?.prompt === b?.prompt;
}
