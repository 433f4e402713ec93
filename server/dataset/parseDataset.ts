import type { DatasetProblem, Example } from './example.ts';
import { lineBreaks, type LineSchema } from './lineSource.ts';
import { type OpenOptions, openRows, rowAt } from './readRows.ts';

export interface ParsedDataset {
  readonly examples: readonly Example[];
  /** Lines that gave no example; they do not stop the others. */
  readonly problems: readonly DatasetProblem[];
  /** What `parseLine` needs to read one of its lines again. */
  readonly schema: LineSchema;
  /** Whether every row is a line of its own: no quoted field spans two, no record of a JSON file does, and none is broken. */
  readonly lineByLine: boolean;
}

/** All examples of a document with their ranges, in order. Broken lines become problems; nothing throws. */
export function parseDataset(text: string, options: OpenOptions): ParsedDataset {
  const { schema, position, problem, ...opened } = openRows(text, options);
  const examples: Example[] = [];
  const problems: DatasetProblem[] = problem === undefined ? [] : [problem];
  let { line, lineByLine } = opened;
  for (let offset = position; offset < text.length;) {
    const row = rowAt(text, offset, line, schema);
    for (const example of row.examples) examples.push(example);
    for (const fault of row.problems) problems.push(fault);
    line += lineBreaks(text, offset, row.next);
    offset = row.next;
    lineByLine &&= row.alone;
  }
  return { examples, problems, schema, lineByLine };
}
