import type { Columns } from './columns.ts';
import type { DatasetFormat, DatasetProblem, Example, FieldNames, Span } from './example.ts';

/** A line without its line break, or another stretch that holds one record, and where it stands in the document. */
export interface LineSource {
  readonly text: string;
  /** On which it begins, from 1. */
  readonly line: number;
  /** Offset of its first unit in the document. */
  readonly offset: number;
}

export interface LineResult {
  readonly examples: readonly Example[];
  readonly problems: readonly DatasetProblem[];
}

/** A row's result, where the next begins, and whether it is one line that can be read apart from all others. */
export interface RowResult extends LineResult {
  readonly next: number;
  readonly alone: boolean;
  /** A row that is longer than was allowed: it was not read. */
  readonly tooLong?: Span;
}

/** How the records of a JSON file stand: a line each, in one array, or one after another over several lines each. */
export type JsonLayout = 'lines' | 'array' | 'values';

/** What a line cannot say of itself: the file's format, its fields and, for delimited files, its header. */
export interface LineSchema {
  readonly format: DatasetFormat;
  readonly fields: FieldNames;
  /** Of `csv`, `tsv` and `honest`; `readHeader` finds them. */
  readonly columns?: Columns;
  /** Of `jsonl`; `lines` unless given. */
  readonly layout?: JsonLayout;
}

/** How many `\n` stand between two offsets. */
export function lineBreaks(text: string, from: number, to: number): number {
  // A search in the whole text would go on to its end where there is none.
  const part = text.slice(from, to);
  let count = 0;
  for (let at = part.indexOf('\n'); at >= 0; at = part.indexOf('\n', at + 1)) count++;
  return count;
}
