import { basename } from 'node:path';
import { readHeader, usualNames, dialectOf } from './columns.ts';
import { cellText, readRow } from './delimited.ts';
import { delimitedRow } from './delimitedLine.ts';
import type { DatasetFormat, Example, FieldNames } from './example.ts';
import { jsonLine } from './jsonLine.ts';
import { jsonRecords } from './readRows.ts';
import { otherPurpose, otherPurposeOfFile } from './otherPurpose.ts';

/** UTF-16 units of a file's beginning that are looked at, and how many of its rows. */
export const lookedAt = { characters: 250_000, rows: 20 } as const;

/** What the beginning of a file shows. */
interface Sample {
  /** Names of fields or columns. */
  readonly names: readonly string[];
  /** Rows that could be read as such, and those of them that hold a text. */
  readonly rows: number;
  readonly texts: readonly string[];
  /** Whether texts are found in a form that only data sets of texts have. */
  readonly isTelling: boolean;
  /** Why there is none. */
  readonly fault?: string;
}

export interface RecogniseOptions {
  readonly format: DatasetFormat;
  readonly fields: FieldNames;
  /** Whether a plain list is known to be one of texts: by its language, or by its name. */
  readonly isList: boolean;
}

/**
 * Why a file is not taken for a data set of texts, as the end of a sentence about it; undefined where it is one. It is one
 * if its texts are found by known names and neither its fields nor its name say that it is for something else. Forms that
 * only such data sets have (prompt with completion, chats, preference pairs, HONEST, fields that the settings name) are taken
 * whatever else they hold. Only the beginning of the text is looked at.
 */
export function whyNoDataset(path: string, text: string, options: RecogniseOptions): string | undefined {
  const { format, fields, isList } = options;
  const beginning = text.slice(0, lookedAt.characters).replace(/^\uFEFF/, '');
  if (beginning.trim() === '') return 'it is empty';
  if (format === 'text') return isList ? undefined : 'plain lines do not say whether they are texts to judge';
  const sample = format === 'jsonl' ? sampleLines(beginning, fields) : sampleRows(beginning, format, fields);
  if (sample.fault !== undefined) return sample.fault;
  if (2 * sample.texts.length < sample.rows || sample.texts.length === 0) {
    return `most of its lines hold no text (${namesText(sample.names)})`;
  }
  if (sample.isTelling) return undefined;
  if (!sample.texts.some((one) => /\p{L}/u.test(one))) return 'its texts have no letter';
  const other = otherPurpose(sample.names);
  if (other !== undefined) return `its field ${JSON.stringify(other.name)} is that of ${other.purpose}`;
  const word = otherPurposeOfFile(basename(path));
  return word === undefined ? undefined : `its name says that it is for something else (${word})`;
}

function sampleLines(text: string, fields: FieldNames): Sample {
  const names = new Set<string>();
  const texts: string[] = [];
  let [rows, lines, isTelling] = [0, 0, false];
  for (const source of jsonRecords(text)) {
    if (rows === lookedAt.rows || lines++ > 4 * lookedAt.rows) break;
    const record = 'what' in source ? undefined : objectOf(source.text);
    if ('what' in source || record === undefined) continue;
    Object.keys(record).forEach((name) => names.add(name));
    const [example] = jsonLine(source, fields).examples;
    if (example !== undefined) texts.push(example.text);
    isTelling ||= example !== undefined && (isPublished(example) || isTellingRecord(record, fields));
    rows++;
  }
  const found = { names: [...names], rows, texts, isTelling };
  return rows === 0 ? { ...found, fault: 'none of its first lines is a JSON object' } : found;
}

function objectOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a text is of a form that its authors published: no other file has these fields. */
function isPublished({ shape }: Pick<Example, 'shape'>): boolean {
  return shape !== undefined && shape.isGeneral !== true;
}

function isTellingRecord(record: Readonly<Record<string, unknown>>, fields: FieldNames): boolean {
  const has = (name: string) => Object.hasOwn(record, name);
  const isChat = (value: unknown) =>
    Array.isArray(value) && value.some((one: { role?: unknown } | null) => typeof one?.role === 'string');
  if (Object.values(fields).some(has)) return true;
  return (has('prompt') && has('completion')) || (has('chosen') && has('rejected')) || isChat(record.messages);
}

/** Columns of texts whose names other programs use as often: without a prompt or a label beside them they say nothing. */
const vagueNames: ReadonlySet<string> = new Set(['content', 'response', 'output']);

function sampleRows(text: string, format: DatasetFormat, fields: FieldNames): Sample {
  const header = readHeader(text, 0, format, fields);
  const names = readRow(text, 0, dialectOf(format, header.columns)).cells.map((cell) =>
    cellText(text, cell).text.trim(),
  );
  const { columns } = header;
  if (columns === undefined)
    return { names, rows: 0, texts: [], isTelling: false, fault: header.fault?.what ?? 'its header is broken' };
  const texts: string[] = [];
  let rows = 0;
  for (let at = header.next; at < text.length && rows < lookedAt.rows; rows++) {
    const row = delimitedRow(text, at, { offset: 0, line: 1 }, format, columns);
    texts.push(...row.examples.map((example) => example.text));
    at = row.next;
  }
  const found = { names, rows, texts };
  if (rows === 0) return { ...found, isTelling: false, fault: 'it has a header and no row' };
  const lower = names.map((name) => name.toLowerCase());
  const hasAny = (known: readonly string[]) => known.some((name) => lower.includes(name));
  const isNamed = Object.values(fields).some((name: string) => names.includes(name));
  const isPaired = hasAny(['completion', 'response', 'output']) && hasAny(usualNames.prompt);
  const isTelling =
    format === 'honest' || isPublished(columns) || isNamed || isPaired || lower.includes('comment_text');
  const isVague =
    vagueNames.has(lower[columns.texts[0] ?? -1] ?? '') &&
    !hasAny(['label', 'labels', 'toxic', 'toxicity', 'sentiment']);
  if (!isTelling && isVague) {
    const fault = `its column ${JSON.stringify(names[columns.texts[0] ?? -1])} has neither a prompt nor a label beside it`;
    return { ...found, isTelling, fault };
  }
  return { ...found, isTelling };
}

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, 8).join(', ');
  return `its fields are ${shown}${names.length > 8 ? ', …' : ''}`;
}
