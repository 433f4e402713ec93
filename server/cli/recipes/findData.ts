/** Finds data files in a folder by their usual names, so that a person need not name each of them. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { ClassificationSweepFile } from '../../protocol/sweep/classificationSweep.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { Dataset } from './recipe.ts';

/** How many levels of subfolders are searched. */
const depth = 2;

/** The first file by path, in the folder or its subfolders, whose name matches. */
export function findFile(folder: string, pattern: RegExp): string | undefined {
  return filesBelow(folder, depth)
    .sort()
    .find((file) => pattern.test(basename(file)));
}

/** Finds the file, or throws RankscopeError('data') that names what was searched for. */
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
 * Finds the training and test files of a data set. SST2 is `train.tsv` and `dev.tsv` in a folder of that name. IMDb
 * is the folder `aclImdb`, or one file `imdb*.csv` from which test examples are split off. Rotten Tomatoes is one
 * file `rotten_tomatoes*.csv`.
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

/** GLUE's files begin with a header line; other versions begin with the first sentence. */
function hasHeader(file: string): boolean {
  const [first = ''] = readFileSync(file, 'utf8').split(/\r?\n/, 1);
  return first.split('\t').includes('sentence');
}
