import type { Columns } from './columns.ts';
import type { DatasetFormat, DatasetProblem, Example, FieldNames } from './example.ts';

/** A line without its line break, and where it stands in the document. */
export interface LineSource {
  readonly text: string;
  /** 1-based. */
  readonly line: number;
  /** Offset of its first unit in the document. */
  readonly offset: number;
}

export interface LineResult {
  readonly examples: readonly Example[];
  readonly problems: readonly DatasetProblem[];
}

/** What a line cannot say of itself: the file's format, its fields and, for delimited files, its header. */
export interface LineSchema {
  readonly format: DatasetFormat;
  readonly fields: FieldNames;
  /** Of `csv`, `tsv` and `honest`; `readHeader` finds them. */
  readonly columns?: Columns;
}
