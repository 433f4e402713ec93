import { type DatasetFormat, type DatasetProblem, type FieldNames, namesTexts, type Span } from './example.ts';
import { cellText, type Dialect, readRow } from './delimited.ts';
import { publishedShape, type Shape } from './shapes.ts';

/** Which column of a delimited file holds what, by index. */
export interface Columns {
  readonly count: number;
  /** At least one; each is an example of its own. */
  readonly texts: readonly number[];
  /** Of several texts, the column with the index of the right one. */
  readonly choice?: number;
  /** What the texts answer; the parts of several columns that are not blank are joined by `between`. */
  readonly prompt?: readonly number[];
  readonly between?: string;
  readonly label?: number;
  readonly group?: number;
  /** What the file was taken for. */
  readonly shape?: Shape;
  /** Of a tab-separated file whose quoted fields go over line ends. */
  readonly openQuotes?: boolean;
  /** Of a CSV that separates its fields otherwise than by commas. */
  readonly delimiter?: Dialect['delimiter'];
  /** HONEST's own columns, found by name: its two files order them differently. */
  readonly honest?: Readonly<Record<'template' | 'identity' | 'category' | 'number' | 'type', number>>;
}

export interface Header {
  readonly columns?: Columns;
  /** Where the rows begin. */
  readonly next: number;
  readonly range: Span;
  /** Why the file cannot be read by its header. */
  readonly fault?: Pick<DatasetProblem, 'what' | 'remedy' | 'candidates'>;
}

/** Column names that mean a role, most telling first; a name given in the settings replaces them. */
export const usualNames: Readonly<Record<'text' | 'prompt' | 'label' | 'group', readonly string[]>> = {
  text: ['completion', 'text', 'sentence', 'content', 'comment_text', 'response', 'output', 'review', 'tweet'],
  prompt: ['prompt', 'question', 'instruction', 'input'],
  label: ['label', 'labels', 'toxic', 'toxicity', 'class', 'target', 'sentiment'],
  group: ['group', 'identity', 'category'],
};

/** Finds the columns in a file's first row. */
export function readHeader(text: string, start: number, format: DatasetFormat, fields: FieldNames): Header {
  const delimiter = delimiterOf(text, start, format);
  const row = readRow(text, start, dialectOf(format, delimiter));
  const place = { next: row.next, range: row.range };
  const names = row.cells.map((cell) => cellText(text, cell).text.trim());
  if (row.fault !== undefined) return { ...place, fault: { what: row.fault.what, remedy: 'Correct the header line.' } };
  const columns =
    format === 'honest' ? honestColumns(names) : (publishedColumns(names, fields) ?? usualColumns(names, fields));
  if (columns !== undefined) return { ...place, columns: { ...columns, ...delimiter } };
  const missing = format === 'honest' ? undefined : missingColumn(names, fields);
  const expected = format === 'honest' ? honestNames.join(', ') : usualNames.text.join(', ');
  const what = missing ?? `the header has no column for the text (looked for ${expected}; found ${names.join(', ')})`;
  const remedy = nameColumns;
  const candidates = names.filter((name) => name !== '');
  return { ...place, fault: { what, remedy, ...(format !== 'honest' && { candidates }) } };
}

/** What to do about a file whose texts are not found. */
export const nameColumns =
  'Name the column of the text: --columns text=NAME on the command line, "columns" in a sweep file, rankscope.columns in the settings.';

/** The name that was given for the text and is in no column, as a sentence. */
function missingColumn(names: readonly string[], { text, completion }: FieldNames): string | undefined {
  const given = text ?? completion;
  if (given === undefined || names.includes(given)) return undefined;
  return `there is no column ${JSON.stringify(given)} for the text (found ${names.join(', ')})`;
}

/**
 * The columns of a file without a header line, numbered from 1 by the fields of its first row: the first is the text and
 * the second the label unless the fields say otherwise. No line is taken up.
 */
export function numberedColumns(text: string, start: number, format: DatasetFormat, fields: FieldNames): Header {
  const delimiter = delimiterOf(text, start, format);
  const row = readRow(text, start, dialectOf(format, delimiter));
  const place = { next: start, range: row.range };
  const count = row.cells.length;
  const given = { text: fields.text ?? '1', label: fields.label ?? '2', prompt: fields.prompt, group: fields.group };
  const found = Object.entries(given).flatMap(([role, name]) => (name === undefined ? [] : [{ role, name }]));
  const missing = found.find(({ name }) => !/^[1-9]\d*$/.test(name) || Number(name) > count);
  if (missing) {
    const what = `there is no column ${missing.name} for the ${missing.role}: the first row has ${count} fields`;
    return {
      ...place,
      fault: { what, remedy: 'Name columns of a file without a header by number, 1 being the first.' },
    };
  }
  const columns: Partial<Record<string, number>> = Object.fromEntries(
    found.map(({ role, name }) => [role, Number(name) - 1]),
  );
  const { text: texts = 0, prompt, ...others } = columns;
  const known = { ...others, texts: [texts], count, ...delimiter };
  return { ...place, columns: prompt === undefined ? known : { ...known, prompt: [prompt] } };
}

/** How the rows of a file are written, by its format and what its header shows of it. */
export function dialectOf(
  format: DatasetFormat,
  { openQuotes = false, delimiter = format === 'csv' ? ',' : '\t' }: Pick<Columns, 'openQuotes' | 'delimiter'> = {},
): Dialect {
  return { delimiter, openQuotes: format === 'csv' || openQuotes };
}

/**
 * What separates the fields of a CSV: the comma, unless its first row has none and has semicolons, as spreadsheets write
 * where the comma is for decimals, or tabs.
 */
function delimiterOf(text: string, start: number, format: DatasetFormat): Pick<Columns, 'delimiter'> {
  if (format !== 'csv') return {};
  const isSplitBy = (delimiter: Dialect['delimiter']): boolean =>
    readRow(text, start, { delimiter, openQuotes: true }).cells.length > 1;
  if (isSplitBy(',')) return {};
  const delimiter = ([';', '\t'] as const).find(isSplitBy);
  return delimiter === undefined ? {} : { delimiter };
}

/** The columns of a published form; a name given for the label or the group goes before the form's own. */
function publishedColumns(names: readonly string[], fields: FieldNames): Columns | undefined {
  const shape = namesTexts(fields) ? undefined : publishedShape((path) => names.includes(path));
  if (shape === undefined) return undefined;
  const indexOf = (name: string | undefined): number => (name === undefined ? -1 : names.indexOf(name));
  const group = indexOf(fields.group ?? (typeof shape.group === 'string' ? shape.group : undefined));
  const others = { label: indexOf(fields.label ?? shape.label), group, choice: indexOf(shape.choice) };
  const texts = shape.text.map(indexOf).filter((index) => index >= 0);
  const prompt = shape.prompt?.map(indexOf);
  const found = Object.fromEntries(Object.entries(others).filter(([, index]) => index >= 0));
  return { count: names.length, texts, shape, between: ' ', ...(prompt && { prompt }), ...found };
}

function usualColumns(names: readonly string[], fields: FieldNames): Columns | undefined {
  const lower = names.map((name) => name.toLowerCase());
  const find = (role: keyof typeof usualNames, given: string | undefined): number => {
    if (given !== undefined) return names.indexOf(given);
    const known = usualNames[role].find((name) => lower.includes(name));
    return known === undefined ? -1 : lower.indexOf(known);
  };
  const text = find('text', fields.text ?? fields.completion);
  if (text < 0) return undefined;
  const prompt = find('prompt', fields.prompt);
  const input = fields.prompt === undefined && lower.includes('instruction') ? lower.indexOf('input') : -1;
  const prompts = [prompt, input].filter((index, i, all) => index >= 0 && index !== text && all.indexOf(index) === i);
  const others = { label: find('label', fields.label), group: find('group', fields.group) };
  const found = Object.fromEntries(Object.entries(others).filter(([, index]) => index >= 0 && index !== text));
  const columns = { count: names.length, texts: [text], between: '\n\n', ...found };
  const withPrompt = prompts.length > 0 ? { ...columns, prompt: prompts } : columns;
  return { ...withPrompt, shape: tableShape(names, withPrompt) };
}

/** A table of no known form, with the columns that were found. */
function tableShape(names: readonly string[], columns: Columns): Shape {
  const nameOf = (index: number): string => names[index] ?? '';
  const { texts, prompt, label, group } = columns;
  return {
    name: input(columns) ? 'Alpaca' : 'a table',
    tells: [],
    text: texts.map(nameOf),
    ...(prompt && { prompt: prompt.map(nameOf) }),
    ...(label !== undefined && { label: nameOf(label) }),
    ...(group !== undefined && { group: nameOf(group) }),
    isGeneral: true,
  };
}

/** Whether an instruction has its input beside it. */
const input = ({ prompt }: Columns): boolean => (prompt?.length ?? 0) > 1;

/** Columns that make a tab-separated file a HONEST one. */
export const honestNames = ['template_masked', 'raw', 'identity', 'category', 'number', 'type'] as const;

function honestColumns(names: readonly string[]): Columns | undefined {
  const [text, template, identity, category, number, type] = honestNames.map((name) => names.indexOf(name));
  const all = [text, template, identity, category, number, type];
  if (all.some((index) => index === undefined || index < 0)) return undefined;
  const honest = { template, identity, category, number, type } as NonNullable<Columns['honest']>;
  return { count: names.length, texts: [text ?? -1], honest };
}
