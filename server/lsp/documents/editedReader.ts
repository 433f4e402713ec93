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
  /** Examples that were read again. Those before them are unchanged, those after them were moved. */
  readonly fresh: Span;
  /** How many old examples the fresh ones replace. */
  readonly removed: number;
}

/** After an edit that is longer than this, the document is read again in slices from its beginning. */
const largeEdit = 1_000_000;

/** A document that is longer than this is never read as a whole in one slice. */
const largeDocument = 2_000_000;

/**
 * Applies an edit to the text and to its reader, which must not be used again. The lines that the edit touches are
 * read again. The other examples are moved in place, since two hundred thousand copies at each keystroke would be
 * slow. The result equals reading the whole document again. Where lines depend on each other (a changed header,
 * perhaps a CSV field over several lines), a small document is read as a whole; for a large one the reader is
 * undefined, and the caller reads the document from its beginning in slices.
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
  // The first line may be a header, on which all other lines depend.
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
  // Where a limit has stopped the reading, the next slice finds out whether it still applies.
  const going = { done: done && stopped === undefined, stopped: undefined };
  return { reader: { ...reader, ...place, ...going }, fresh: { start: at, end: at + lines.examples.length }, removed };
}

type Placed = Pick<Example, 'line' | 'range'>;

/** Replaces the items of the touched lines and moves the items after them, all in place. */
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

/** Does what `splice` does, which accepts only a limited number of arguments. */
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

/** Reads everything again. Examples at both ends that are the same as before do not count as fresh. */
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
