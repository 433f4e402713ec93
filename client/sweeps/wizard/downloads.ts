import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import { fileExists } from '../../workspace/fileExists.ts';
import { isHubId } from '../forms/sweepChoice.ts';

/** Hub ids that running a sweep file would download: models that it names and that are not there as files. */
export async function downloads(file: string): Promise<readonly string[]> {
  let sweep: unknown;
  try {
    sweep = JSON.parse(await readFile(file, 'utf8'));
  } catch {
    // A file that cannot be read is refused where it is run, with the reason.
    return [];
  }
  const named = [...new Set(modelsIn(sweep))].filter(isHubId);
  const there = await Promise.all(named.map((model) => fileExists(path.resolve(path.dirname(file), model))));
  return named.filter((_, index) => there[index] !== true);
}

/** Every text that stands under `model`, at whatever depth: base model, generator, judge. */
function modelsIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'model' && typeof inner === 'string' ? [inner] : modelsIn(inner),
  );
}
