import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readLabelled } from '../../../dataset/readLabelled.ts';
import type { Result } from '../../../protocol/messages/channel.ts';
import { errorDetails, RankscopeError } from '../../../protocol/errors.ts';
import type { RunsContract } from '../../../protocol/messages/runsContract.ts';

type Described = Result<RunsContract, 'labels.describe'>;

/** A column with more values than this holds no labels but numbers, names or the like. */
const mostLabels = 50;
/** IMDb's folder of texts without a label. */
const unlabelled = 'unsup';

/**
 * The labels of a file with or without a header, or of a folder with a subfolder of `.txt` files for each label.
 * Throws RankscopeError('data') where there are none; the message says which files are accepted.
 */
export async function describeLabels(path: string): Promise<Described> {
  const info = await stat(path).catch(() => undefined);
  const labels = info?.isDirectory() ? await folderLabels(path) : undefined;
  const described = labels ? { header: true, labels } : await fileLabels(path);
  if (described.labels.length >= 2 && described.labels.length <= mostLabels) return described;
  throw new RankscopeError({
    code: 'data',
    what: `there are ${described.labels.length} different labels, and 2 to ${mostLabels} are wanted`,
    where: path,
    remedy:
      'Choose a CSV, TSV or JSONL file with a text and a label, or a folder with one subfolder of .txt files a label.',
  });
}

/**
 * Reads the file with a header, or else without one. If both fail, it throws the error of the first, since a person
 * knows the header.
 */
async function fileLabels(path: string): Promise<Described> {
  try {
    return await labelsOf(path, true);
  } catch (error) {
    if (!/\.(csv|tsv|txt)$/i.test(path) || errorDetails(error).code !== 'data') throw error;
    return labelsOf(path, false).catch(() => Promise.reject(error as Error));
  }
}

async function labelsOf(path: string, header: boolean): Promise<Described> {
  const counts = new Map<string, number>();
  for (const { label } of await readLabelled(path, { header }, [])) counts.set(label, (counts.get(label) ?? 0) + 1);
  return { header, labels: mostFrequentFirst(counts) };
}

async function folderLabels(path: string): Promise<Described['labels']> {
  const counts = new Map<string, number>();
  for (const entry of await readdir(path, { withFileTypes: true })) {
    if (!entry.isDirectory() || entry.name === unlabelled) continue;
    const texts = (await readdir(join(path, entry.name))).filter((name) => name.endsWith('.txt'));
    if (texts.length > 0) counts.set(entry.name, texts.length);
  }
  return mostFrequentFirst(counts);
}

function mostFrequentFirst(counts: ReadonlyMap<string, number>): Described['labels'] {
  return [...counts].map(([value, n]) => ({ value, n })).sort((a, b) => b.n - a.n || (a.value < b.value ? -1 : 1));
}
