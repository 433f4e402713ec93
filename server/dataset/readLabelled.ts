import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RankscopeError } from '../protocol/errors.ts';
import type { FieldNames } from './example.ts';
import { readExamples } from './readExamples.ts';
import { readText } from './readText.ts';

/** A text with the class it belongs to, as a file writes it. */
export interface LabelledExample {
  readonly text: string;
  /** As written: `1`, `pos`, `positive`. */
  readonly label: string;
  /** The protected group, where a column gives one. */
  readonly group?: string;
  /** File and line, for messages. */
  readonly where: string;
}

export interface LabelledOptions {
  readonly fields?: FieldNames;
  /** `false`: a CSV or TSV without a header line, its columns named by number. */
  readonly header?: boolean;
}

/**
 * Reads labelled texts: CSV, TSV or JSONL with a text and a label, or a folder with one subfolder of `.txt` files a label,
 * as IMDb comes (`train/pos/123_9.txt`), where any other subfolder (`unsup`) is left out unless `labels` names it.
 * Throws RankscopeError('data') with file, line and remedy for what is broken or has no label.
 */
export async function readLabelled(
  path: string,
  options: LabelledOptions,
  labels: readonly string[],
): Promise<readonly LabelledExample[]> {
  const info = await stat(path).catch(() => undefined);
  if (info?.isDirectory()) return readFolder(path, labels);
  const { examples } = await readExamples(path, options);
  // The label of a chat is that of its last answer.
  const answers = examples.filter(({ isEarlierTurn }) => !isEarlierTurn);
  return answers.map(({ text, label, group, line }) => {
    const where = `${path}:${line}`;
    if (label === undefined || label.trim() === '') throw noLabel(where, options);
    return { text, label: label.trim(), where, ...(group !== undefined && { group: group.trim() }) };
  });
}

function noLabel(where: string, { header }: LabelledOptions): RankscopeError {
  return new RankscopeError({
    code: 'data',
    what: 'the text has no label',
    where,
    remedy:
      header === false
        ? 'Name the column of the label by its number (data.columns.label).'
        : 'Name the column or field of the label (data.columns.label), or say that the file has no header ("header": false).',
  });
}

/** Files in the order of their names, so that a sample with a seed is the same on every machine. */
async function readFolder(path: string, labels: readonly string[]): Promise<readonly LabelledExample[]> {
  const folders = (await readdir(path, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const found: LabelledExample[] = [];
  for (const { name } of folders.filter((entry) => labels.includes(entry.name)).sort(byName)) {
    const files = (await readdir(join(path, name))).filter((file) => file.endsWith('.txt')).sort();
    for (const file of files) {
      const where = join(path, name, file);
      found.push({ text: await readText(where), label: name, where });
    }
  }
  if (found.length > 0) return found;
  throw new RankscopeError({
    code: 'data',
    what: `the folder has no text files in a subfolder called ${labels.join(', ')}`,
    where: path,
    remedy: 'Give one subfolder of .txt files a label, or a CSV, TSV or JSONL file.',
  });
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return a.name < b.name ? -1 : 1;
}
