import type { DatasetFormat, DatasetProblem, FieldNames, Span } from './example.ts';
import { cellText, type Dialect, readRow } from './delimited.ts';

/** Which column of a delimited file holds what, by index. */
export interface Columns {
  readonly count: number;
  readonly text: number;
  readonly prompt?: number;
  readonly label?: number;
  readonly group?: number;
  /** Alpaca's `input`, which belongs to the instruction beside it. */
  readonly input?: number;
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
  const columns = format === 'honest' ? honestColumns(names) : usualColumns(names, fields);
  if (columns !== undefined) return { ...place, columns: { ...columns, ...delimiter } };
  const expected = format === 'honest' ? honestNames.join(', ') : (fields.text ?? usualNames.text.join(', '));
  const what = `the header has no column for the text (looked for ${expected}; found ${names.join(', ')})`;
  const remedy = 'Name the column in the settings or the sweep file (fields.text).';
  const candidates = names.filter((name) => name !== '');
  return { ...place, fault: { what, remedy, ...(format !== 'honest' && { candidates }) } };
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
  const columns = Object.fromEntries(found.map(({ role, name }) => [role, Number(name) - 1]));
  return { ...place, columns: { text: 0, ...columns, count, ...delimiter } };
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

function usualColumns(names: readonly string[], fields: FieldNames): Columns | undefined {
  const lower = names.map((name) => name.toLowerCase());
  const find = (role: keyof typeof usualNames, given: string | undefined): number => {
    if (given !== undefined) return names.indexOf(given);
    const known = usualNames[role].find((name) => lower.includes(name));
    return known === undefined ? -1 : lower.indexOf(known);
  };
  const text = find('text', fields.text ?? fields.completion);
  if (text < 0) return undefined;
  const others = (['prompt', 'label', 'group'] as const).map((role) => [role, find(role, fields[role])] as const);
  const input = fields.prompt === undefined && lower.includes('instruction') ? lower.indexOf('input') : -1;
  const found = Object.fromEntries(others.filter(([, index]) => index >= 0));
  return { count: names.length, text, ...found, ...(input >= 0 && { input }) };
}

/** Columns that make a tab-separated file a HONEST one. */
export const honestNames = ['template_masked', 'raw', 'identity', 'category', 'number', 'type'] as const;

function honestColumns(names: readonly string[]): Columns | undefined {
  const [text, template, identity, category, number, type] = honestNames.map((name) => names.indexOf(name));
  const all = [text, template, identity, category, number, type];
  if (all.some((index) => index === undefined || index < 0)) return undefined;
  const honest = { template, identity, category, number, type } as NonNullable<Columns['honest']>;
  return { count: names.length, text: text ?? -1, honest };
}
