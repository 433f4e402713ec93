/** Finds data files in a folder by their usual names, so that a recipe need not be told each of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ClassificationSweepFile } from '../../protocol/sweep/classificationSweep.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { Dataset } from './recipe.ts';

/** Folders below the one given that are looked through. */
const depth = 2;

/** The file of the folder, or of its subfolders, whose name matches; the first by path. */
export function findFile(folder: string, pattern: RegExp): string | undefined {
  return filesBelow(folder, depth)
    .sort()
    .find((file) => pattern.test(basename(file)));
}

/** Throws RankscopeError('data') naming what was looked for. */
export function requireFile(folder: string, pattern: RegExp, what: string): string {
  const file = findFile(folder, pattern);
  if (file !== undefined) return file;
  throw missing(folder, what);
}

function filesBelow(folder: string, left: number): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return [path];
    return entry.isDirectory() && left > 0 ? filesBelow(path, left - 1) : [];
  });
}

function missing(folder: string, what: string): RankscopeError {
  return new RankscopeError({
    code: 'data',
    what: `there is no ${what}`,
    where: folder,
    remedy: 'Name the folder that holds it: --data FOLDER.',
  });
}

type LabelledData = Pick<ClassificationSweepFile['data'], 'train' | 'test'>;

/**
 * Training and test files of a data set: SST2 as `train.tsv` and `dev.tsv` of a folder named for it, IMDb as the folder
 * `aclImdb` or one file `imdb*.csv`, of which a part is held out, Rotten Tomatoes as one file `rotten_tomatoes*.csv`.
 */
export function labelledData(folder: string, dataset: Dataset): LabelledData {
  if (dataset === 'SST2') return sst2(folder);
  if (dataset === 'Rotten Tomatoes') return oneFile(folder, /^rotten[-_]?tomatoes.*\.(csv|tsv|jsonl)$/i, dataset);
  const whole = [folder, join(folder, 'imdb')].map((at) => join(at, 'aclImdb')).find((at) => existsSync(at));
  if (whole !== undefined) return { train: { file: join(whole, 'train') }, test: { file: join(whole, 'test') } };
  return oneFile(folder, /^imdb.*\.(csv|tsv|jsonl)$/i, dataset);
}

function oneFile(folder: string, pattern: RegExp, dataset: Dataset): LabelledData {
  const file = requireFile(folder, pattern, `file of ${dataset}`);
  return { train: { file }, test: { fraction: 0.3, seed: 0 } };
}

function sst2(folder: string): LabelledData {
  const folders = ['', 'sst2', 'SST-2', 'sst-2', 'SST2'].map((name) => join(folder, name));
  const found = folders.find((at) => existsSync(join(at, 'train.tsv')) && existsSync(join(at, 'dev.tsv')));
  if (found === undefined) throw missing(folder, 'train.tsv and dev.tsv of SST2');
  const [train, test] = [join(found, 'train.tsv'), join(found, 'dev.tsv')];
  return { train: { file: train, header: hasHeader(train) }, test: { file: test, header: hasHeader(test) } };
}

/** GLUE's files name their columns; others begin with the first sentence. */
function hasHeader(file: string): boolean {
  const [first = ''] = readFileSync(file, 'utf8').split(/\r?\n/, 1);
  return first.split('\t').includes('sentence');
}
