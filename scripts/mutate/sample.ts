/** The sample of mutants: drawn once from a seed, kept with what became of each, so that a run can be continued. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom, permutation } from '../../server/random/random.ts';
import { folderOf, mutatedFolders } from './folders.ts';
import type { Mutant } from './mutants.ts';
import { TypedMutants } from './typedMutants.ts';

export interface SampledMutant extends Mutant {
  readonly folder: string;
  readonly line: number;
  /** What stands there without the fault, and the whole line. */
  readonly was: string;
  readonly context: string;
  outcome?: 'killed' | 'survived';
  /** The test that killed it, or why none could. */
  why?: string;
  /** How many test files were run, and how many import the mutated file but were left out for their time. */
  tests?: number;
  leftOut?: number;
}

export interface Sample {
  readonly seed: number;
  /** Places that could be mutated, and drawn ones that the type checker refuses, by folder. */
  readonly places: Readonly<Record<string, number>>;
  readonly refused: Readonly<Record<string, number>>;
  readonly mutants: SampledMutant[];
}

/**
 * Draws `count` mutants that the type checker has nothing against: of each folder its share of all places, but at least a
 * fifteenth of `count` or all it has.
 */
export function drawSample(root: string, files: readonly string[], seed: number, count: number): Sample {
  const typed = new TypedMutants(root, files);
  const every = files.flatMap((file) => typed.of(file));
  const order = permutation(createRandom(seed), every.length).flatMap((place) => every[place] ?? []);
  const folders = mutatedFolders
    .map(({ name }) => ({ name, own: order.filter(({ file }) => folderOf(file) === name) }))
    .filter(({ own }) => own.length > 0)
    .map(({ name, own }) => {
      const wanted = Math.max(Math.floor(count / 15), Math.round((count * own.length) / every.length));
      // The type checker refuses a fifth.
      return { name, places: own.length, wanted, tried: own.slice(0, Math.ceil(1.4 * wanted) + 5) };
    });
  const refused = typed.refused(folders.flatMap(({ tried }) => tried));
  const drawn = folders.map(({ name, places, wanted, tried }) => {
    const taken = tried.filter((mutant) => !refused.has(mutant)).slice(0, wanted);
    const until = tried.slice(
      0,
      tried.findLastIndex((mutant) => mutant === taken.at(-1)),
    );
    return { name, places, taken, refused: until.filter((mutant) => refused.has(mutant)).length };
  });
  const by = (count: 'places' | 'refused') => Object.fromEntries(drawn.map((each) => [each.name, each[count]]));
  const mutants = drawn.flatMap(({ taken }) => taken.map((mutant) => described(root, mutant)));
  return { seed, places: by('places'), refused: by('refused'), mutants };
}

function described(root: string, mutant: Mutant): SampledMutant {
  const text = readFileSync(join(root, mutant.file), 'utf8');
  const line = text.slice(0, mutant.start).split('\n').length;
  const was = text.slice(mutant.start, mutant.end);
  return { ...mutant, folder: folderOf(mutant.file) ?? '', line, was, context: lineAt(text, mutant.start) };
}

/** The line that a place of a text is in, without the spaces around it. */
function lineAt(text: string, place: number): string {
  const end = text.indexOf('\n', place);
  return text.slice(text.lastIndexOf('\n', place - 1) + 1, end < 0 ? text.length : end).trim();
}

export function readSample(file: string | undefined): Sample | undefined {
  return file !== undefined && existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Sample) : undefined;
}

export function writeSample(file: string | undefined, sample: Sample): void {
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(sample, null, 1)}\n`);
}

/** Whether a mutant's place still reads as it did when it was drawn: the file may have been edited since. */
export function isUnchanged(root: string, { file, start, end, was, context }: SampledMutant): boolean {
  const path = join(root, file);
  if (!existsSync(path)) return false;
  const text = readFileSync(path, 'utf8');
  return text.slice(start, end) === was && lineAt(text, start) === context;
}
