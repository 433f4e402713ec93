import { RankscopeError } from '../protocol/errors.ts';
import { detectFormat } from './detectFormat.ts';
import { type DatasetFormat, type Example, type FieldNames, namesTexts } from './example.ts';
import { parseDataset } from './parseDataset.ts';
import { readText } from './readText.ts';
import { shapeText, takenFor } from './shapes.ts';

export interface ReadOptions {
  /** Detected from the file's name and beginning unless given. */
  readonly format?: DatasetFormat;
  readonly fields?: FieldNames;
  /** `false`: a CSV or TSV without a header line, its columns named by number. */
  readonly header?: boolean;
}

export interface ReadDataset {
  readonly path: string;
  readonly format: DatasetFormat;
  readonly examples: readonly Example[];
  /** What the file was taken for, as part of a sentence; undefined for plain lists and HONEST's files. */
  readonly takenFor: string | undefined;
}

/**
 * Reads a data set for an experiment, which must not leave out a line unnoticed: the first broken line, a file without
 * examples, and one that is missing or no text throw RankscopeError('data') with file, line and remedy.
 */
export async function readExamples(path: string, options: ReadOptions = {}): Promise<ReadDataset> {
  const text = await readText(path);
  const format = options.format ?? detectFormat(path, text);
  const { fields, header } = options;
  if (fields && (format === 'honest' || format === 'text')) assertNoColumns(path, format, fields);
  const parsed = parseDataset(text, {
    format,
    ...(fields && { fields }),
    ...(header !== undefined && { header }),
  });
  const { examples, problems } = parsed;
  const [first] = problems;
  if (first !== undefined) {
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more lines are broken)` : '';
    throw dataError(`${first.what}${more}`, `${path}:${first.line}`, first.remedy);
  }
  const absent = fields && absentField(examples, fields);
  if (absent)
    throw dataError(`no text of the file has a ${absent.role} in ${JSON.stringify(absent.name)}`, path, absent.remedy);
  if (examples.length === 0) throw dataError('the data set is empty', path, 'Give a file with at least one example.');
  return { path, format, examples, takenFor: takenFor(examples) };
}

/** Throws RankscopeError('data') where a column of the text is named in a file that has none to choose from. */
export function assertNoColumns(path: string, format: 'honest' | 'text', fields: FieldNames): void {
  if (!namesTexts(fields)) return;
  const named = JSON.stringify(fields.text ?? fields.prompt ?? fields.completion ?? 'messages');
  const what = format === 'text' ? 'is read as a plain list, which has no columns' : "has HONEST's own columns";
  throw dataError(
    `the column ${named} is named, and the file ${what}`,
    path,
    'Leave the name out, or give the format.',
  );
}

/** A field that was named and that no example has: its name may be misspelt, and what it says would be missing. */
function absentField(examples: readonly Example[], fields: FieldNames) {
  const role = (['prompt', 'label', 'group'] as const).find(
    (each) =>
      fields[each] !== undefined && examples.length > 0 && examples.every((example) => example[each] === undefined),
  );
  const shape = examples[0]?.shape;
  const remedy = `Correct the name, or leave it out.${shape ? ` The file was read as ${shapeText(shape)}.` : ''}`;
  return role && { role, name: fields[role] ?? '', remedy };
}

function dataError(what: string, where: string, remedy: string): RankscopeError {
  return new RankscopeError({ code: 'data', what, where, remedy });
}
