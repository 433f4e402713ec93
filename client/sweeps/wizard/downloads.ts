import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { fileExists } from '../../workspace/fileExists.ts';
import { isHubId } from '../forms/sweepChoice.ts';

/** Hub ids that a run of the sweep file would download: the models that it names and that are no files on this disk. */
export async function downloads(file: string): Promise<readonly string[]> {
  let sweep: unknown;
  try {
    sweep = JSON.parse(await readFile(file, 'utf8'));
  } catch {
    // A file that cannot be read is refused with the reason when it is run.
    return [];
  }
  const named = [...new Set(modelsIn(sweep))].filter(isHubId);
  const there = await Promise.all(named.map((model) => fileExists(path.resolve(path.dirname(file), model))));
  return named.filter((_, index) => there[index] !== true);
}

/** Every string value of a `model` key, at any depth: base model, generator, judge. */
function modelsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'model' && typeof inner === 'string' ? [inner] : modelsIn(inner),
  );
}
