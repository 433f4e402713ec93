import type { Span } from '../../dataset/example.ts';
import { updateDataset, type TextChange } from '../../dataset/updateDataset.ts';
import type { EditorLimits } from '../../protocol/editor.ts';
import { type DatasetReader, parsedSoFar } from './datasetReader.ts';

/** A reader after an edit. */
export interface EditedReader {
  readonly reader: DatasetReader;
  /** Examples that were read anew; those before are the old ones, those after the old ones moved. */
  readonly fresh: Span;
  /** How many of the old examples stood where the fresh ones are. */
  readonly removed: number;
}

/** An edit of more than this is read in slices, from the beginning. */
const largeEdit = 1_000_000;

/** A document of more than this is never read whole at one go. */
const largeDocument = 2_000_000;

/**
 * The reader of the edited document, or undefined where the document is to be read from its beginning again: the edit
 * reaches over what was read so far, or what it touches cannot be read alone and the whole is too large to be read at
 * one go.
 */
export function editedReader(
  before: string,
  after: string,
  reader: DatasetReader,
  change: TextChange,
  limits: EditorLimits,
): EditedReader | undefined {
  const { position } = reader;
  const grown = after.length - before.length;
  const whole = position >= before.length;
  if (!whole && change.range.start >= position) return { reader, fresh: { start: 0, end: 0 }, removed: 0 };
  // The line break before `position` must stay, so that what was read stays a document of whole lines.
  if (!whole && change.range.end >= position) return undefined;
  if (mustStartAgain(after, reader, change, limits)) return undefined;
  const old = whole ? before : before.slice(0, position);
  const now = whole ? after : after.slice(0, position + grown);
  const updated = updateDataset(old, now, parsedSoFar(reader), change);
  const { fresh } = updated;
  return {
    reader: {
      ...reader,
      schema: updated.schema,
      lineByLine: updated.lineByLine,
      examples: [...updated.examples],
      problems: [...updated.problems],
      position: position + grown,
      line: reader.line + lineBreaks(change.text) - lineBreaks(before.slice(change.range.start, change.range.end)),
    },
    fresh,
    removed: reader.examples.length - (updated.examples.length - (fresh.end - fresh.start)),
  };
}

function mustStartAgain(after: string, reader: DatasetReader, change: TextChange, limits: EditorLimits): boolean {
  if (change.text.length > largeEdit || reader.line > limits.lines) return true;
  const { start } = change.range;
  const first = start === 0 ? 0 : after.lastIndexOf('\n', start - 1) + 1;
  const feed = after.indexOf('\n', start + change.text.length);
  const end = feed < 0 ? after.length : feed;
  // Every line in the edit is at most as long as all of them.
  if (end - first > limits.lineLength) return true;
  const alone = reader.lineByLine && first > 0;
  // A field that an edit opens may run on past what was read.
  const partly = !reader.done && reader.schema.format === 'csv';
  return partly || (!alone && (!reader.done || after.length > largeDocument));
}

function lineBreaks(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}
