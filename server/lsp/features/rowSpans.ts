import { dialectOf } from '../../dataset/columns.ts';
import { readRow } from '../../dataset/delimited.ts';
import type { Span } from '../../dataset/example.ts';
import type { JudgedDocument } from '../documents/judgedDocument.ts';

/** Whether the rows of a document are whole lines, which can be moved and left out: the records of a JSON array are not. */
export function hasRows({ schema }: Pick<JudgedDocument, 'schema'>): boolean {
  return (schema.layout ?? 'lines') === 'lines';
}

/**
 * The whole lines that hold the given examples, line breaks included, ascending and without repetition: what goes when
 * an example goes. A CSV row over several lines counts as one. Of documents that `hasRows`.
 */
export function rowSpans(document: JudgedDocument, indices: readonly number[]): readonly Span[] {
  const starts = indices.flatMap((index) => document.examples[index]?.range.start ?? []).sort((a, b) => a - b);
  const { text } = document;
  return document.lineByLine || document.schema.columns === undefined
    ? distinct(starts.map((offset) => ({ start: text.lineStart(offset), end: text.lineEnd(offset) })))
    : rowsOver(document, text.getText(), starts);
}

/** Rows can only be told from the beginning of the file on: a quote may be open. */
function rowsOver({ schema }: JudgedDocument, text: string, starts: readonly number[]): readonly Span[] {
  const dialect = dialectOf(schema.format, schema.columns);
  const spans: Span[] = [];
  let at = text.startsWith('\uFEFF') ? 1 : 0;
  for (const offset of starts) {
    if ((spans.at(-1)?.end ?? -1) > offset) continue;
    let { next } = readRow(text, at, dialect);
    while (next <= offset && next < text.length) {
      at = next;
      ({ next } = readRow(text, at, dialect));
    }
    spans.push({ start: at, end: next });
  }
  return spans;
}

function distinct(spans: readonly Span[]): readonly Span[] {
  return spans.filter(({ start }, i) => spans[i - 1]?.start !== start);
}

/** Joins neighbouring spans, so that the edit has few deletions. */
export function joined(spans: readonly Span[]): readonly Span[] {
  const all: Span[] = [];
  for (const span of spans) {
    const last = all.at(-1);
    if (last?.end === span.start) all[all.length - 1] = { start: last.start, end: span.end };
    else all.push(span);
  }
  return all;
}
