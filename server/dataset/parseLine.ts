import { delimitedRow } from './delimitedLine.ts';
import { noEscapes } from './example.ts';
import { jsonLine } from './jsonLine.ts';
import type { LineResult, LineSchema, LineSource } from './lineSource.ts';
import { winoBiasSentence, winoBiasSentences } from './winoBias.ts';

/**
 * The examples of one line; what an editor calls for a line that changed. A CSV row whose quoted field holds a line
 * break is no single line: `parseDataset` reads it, this reports it as not closed.
 */
export function parseLine(source: LineSource, schema: LineSchema): LineResult {
  switch (schema.format) {
    case 'jsonl':
      return jsonLine(source, schema.fields);
    case 'text':
      return textLine(source);
    case 'csv':
    case 'tsv':
    case 'honest':
      if (schema.columns === undefined) return { examples: [], problems: [] };
      return delimitedRow(source.text, 0, source, schema.format, schema.columns);
  }
}

/** A line of a plain list: itself, without the spaces around it; blank lines are none. Of a line of WinoBias its sentence. */
function textLine({ text, line, offset }: LineSource): LineResult {
  const sentence = winoBiasSentence(text);
  if (sentence) {
    const { inner, escapes } = sentence;
    const place = { line, range: { start: offset + inner.start, end: offset + inner.end }, escapes };
    return { examples: [{ ...place, text: sentence.text, shape: winoBiasSentences }], problems: [] };
  }
  const judged = text.trim();
  if (judged === '') return { examples: [], problems: [] };
  const start = offset + text.indexOf(judged);
  const range = { start, end: start + judged.length };
  return { examples: [{ line, text: judged, range, escapes: noEscapes }], problems: [] };
}
