import { readFileSync } from 'node:fs';

/** The lines of a file. */
export const readLines = (file: string): readonly string[] => readFileSync(file, 'utf8').trim().split('\n');

/** The pairs of a JSON-lines file. */
export function readPairs(file: string): readonly { readonly prompt: string; readonly completion: string }[] {
  return readLines(file).map((line) => JSON.parse(line) as { prompt: string; completion: string });
}
