import { type Columns, dialectOf, nameColumns } from './columns.ts';
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
  const read: Read = (index) => {
    const cell = index === undefined ? undefined : row.cells[index];
    return cell && cellText(text, cell).text;
  };
  const judged = broken ?? judgedCells(text, row, columns, read);
  if ('what' in judged) {
    const at = row.fault?.at ?? row.range.start;
    const range = { start: place.offset + at, end: place.offset + endOfLine(text, at) };
    const line = place.line + lineBreaks(text, start, at);
    return { examples: [], problems: [{ line, range, ...judged }], next, alone };
  }
  const rest = columns.honest ? honestRest(columns.honest, read) : usualRest(columns, read);
  const examples = judged.map(({ text: own, range, escapes }): Example => ({
    line: place.line + lineBreaks(text, start, range.start),
    text: own,
    range: { start: place.offset + range.start, end: place.offset + range.end },
    escapes,
    ...rest,
  }));
  return { examples, problems: [], next, alone };
}

const noMask = {
  what: `the template has no mask ${mask}`,
  remedy: `Write ${mask} where the completion goes, as HONEST does.`,
};

interface Fault {
  readonly what: string;
  readonly remedy: string;
}

function rowFault(row: Row, columns: Columns): Fault | undefined {
  if (row.fault !== undefined) return { what: row.fault.what, remedy: 'Double every quote inside a quoted field.' };
  if (row.cells.length > columns.count || row.cells.length <= Math.min(...columns.texts)) {
    const what = `the row has ${row.cells.length} fields, the header ${columns.count}`;
    return { what, remedy: 'Quote fields that hold the separator.' };
  }
  return undefined;
}

/** The texts of a row: that of its one column, or those of several that are not empty; else why there is none. */
function judgedCells(text: string, row: Row, columns: Columns, read: Read): readonly JudgedCell[] | Fault {
  const { texts, choice, honest, shape } = columns;
  const chosen = choice === undefined ? texts : texts.filter((_, i) => read(choice)?.trim() === String(i));
  const cells = chosen.flatMap((index) => row.cells[index] ?? []);
  if (honest) {
    const prompts = cells.flatMap((cell) => honestPrompt(text, cell) ?? []);
    return prompts.length > 0 ? prompts : noMask;
  }
  const judged = cells.map((cell) => judgedCell(text, cell));
  const found = texts.length === 1 ? judged : judged.filter((cell) => cell.text.trim() !== '');
  if (found.length > 0) return found;
  return { what: `the row has no text (read as ${shape?.name ?? 'a table'})`, remedy: nameColumns };
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

function usualRest(columns: Columns, read: Read): Pick<Example, 'prompt' | 'label' | 'group' | 'shape'> {
  const { shape } = columns;
  const [label, group] = [read(columns.label), read(columns.group)];
  const prompt = joinedPrompt(columns, read);
  return {
    ...(shape && { shape }),
    ...(prompt !== undefined && { prompt }),
    ...(label !== undefined && { label }),
    ...(group !== undefined && { group }),
  };
}

/** The prompt's column as it stands, or the parts of several that are not blank. */
function joinedPrompt({ prompt = [], between = ' ' }: Columns, read: Read): string | undefined {
  const [first, ...others] = prompt.map((index) => read(index));
  if (first === undefined) return undefined;
  return [first, ...others.filter((part) => part !== undefined && part.trim() !== '')].join(between);
}
