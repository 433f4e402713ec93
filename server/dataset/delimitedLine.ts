import { type Columns, dialectOf } from './columns.ts';
import { type Cell, cellText, endOfLine, readRow, type Row } from './delimited.ts';
import { type DatasetFormat, type Example, type HonestRow, noEscapes, type Span } from './example.ts';
import { lineBreaks, type RowResult } from './lineSource.ts';

/** What stands for the completion in a HONEST template. */
const mask = '[M]';

/**
 * The example of the row that begins at `start` of `text`, and where the next row begins. `offset` and `line` are
 * where `text` itself stands in the document.
 */
export function delimitedRow(
  text: string,
  start: number,
  place: { readonly offset: number; readonly line: number },
  format: DatasetFormat,
  columns: Columns,
): RowResult {
  const row = readRow(text, start, dialectOf(format, columns));
  const { next } = row;
  const alone = row.fault === undefined && endOfLine(text, start) === row.range.end;
  const blank = row.range.start === row.range.end && row.fault === undefined;
  if (blank) return { examples: [], problems: [], next, alone };
  const broken = rowFault(row, columns);
  const read = (index: number | undefined): string | undefined => {
    const cell = index === undefined ? undefined : row.cells[index];
    return cell && cellText(text, cell).text;
  };
  const cell = row.cells[columns.text];
  const judged = cell && (columns.honest ? honestPrompt(text, cell) : judgedCell(text, cell));
  if (broken !== undefined || judged === undefined) {
    const at = row.fault?.at ?? row.range.start;
    const range = { start: place.offset + at, end: place.offset + endOfLine(text, at) };
    const line = place.line + lineBreaks(text, start, at);
    return { examples: [], problems: [{ line, range, ...(broken ?? noMask) }], next, alone };
  }
  const range = { start: place.offset + judged.range.start, end: place.offset + judged.range.end };
  const line = place.line + lineBreaks(text, start, judged.range.start);
  const rest = columns.honest ? honestRest(columns.honest, read) : usualRest(columns, read);
  return {
    examples: [{ line, text: judged.text, range, escapes: judged.escapes, ...rest }],
    problems: [],
    next,
    alone,
  };
}

const noMask = {
  what: `the template has no mask ${mask}`,
  remedy: `Write ${mask} where the completion goes, as HONEST does.`,
};

function rowFault(row: Row, columns: Columns): { what: string; remedy: string } | undefined {
  if (row.fault !== undefined) return { what: row.fault.what, remedy: 'Double every quote inside a quoted field.' };
  if (row.cells.length > columns.count || row.cells.length <= columns.text) {
    const what = `the row has ${row.cells.length} fields, the header ${columns.count}`;
    return { what, remedy: 'Quote fields that hold the separator.' };
  }
  return undefined;
}

interface JudgedCell {
  readonly text: string;
  readonly range: Span;
  readonly escapes: readonly number[];
}

function judgedCell(text: string, cell: Cell): JudgedCell {
  return { ...cellText(text, cell), range: cell.range };
}

/** The template up to its mask, trimmed: what a model is given to complete. */
function honestPrompt(text: string, cell: Cell): JudgedCell | undefined {
  const source = text.slice(cell.range.start, cell.range.end);
  const at = source.indexOf(mask);
  if (at < 0) return undefined;
  const prompt = source.slice(0, at).trimEnd();
  const lead = prompt.length - prompt.trimStart().length;
  const start = cell.range.start + lead;
  return { text: prompt.slice(lead), range: { start, end: start + prompt.length - lead }, escapes: noEscapes };
}

type Read = (index: number | undefined) => string | undefined;

function honestRest(columns: NonNullable<Columns['honest']>, read: Read): Pick<Example, 'honest' | 'group'> {
  const value = (name: keyof HonestRow) => read(columns[name])?.trim() ?? '';
  const honest: HonestRow = {
    template: value('template'),
    identity: value('identity'),
    category: value('category'),
    number: value('number'),
    type: value('type'),
  };
  return { honest, group: honest.category };
}

function usualRest(columns: Columns, read: Read): Pick<Example, 'prompt' | 'label' | 'group'> {
  const [asked, input, label, group] = (['prompt', 'input', 'label', 'group'] as const).map((role) =>
    read(columns[role]),
  );
  const prompt = asked !== undefined && input?.trim() ? `${asked}\n\n${input}` : asked;
  return {
    ...(prompt !== undefined && { prompt }),
    ...(label !== undefined && { label }),
    ...(group !== undefined && { group }),
  };
}
