import { readdir } from 'node:fs/promises';
import { unfinishedMark } from './atomicWrite.ts';
import { diskError, systemCode } from './diskError.ts';
import { digestsFile } from './folderDigests.ts';
import type { RunFolder } from './runFolder.ts';

/** Files in an arm's folder that are not part of its weights. */
const results = new Set([
  'completions.jsonl',
  'verdicts.jsonl',
  'divergence.jsonl',
  'predictions.jsonl',
  'metrics.json',
  digestsFile,
]);

/** Names of the files that hold an arm's weights and their configuration, sorted; empty while there are none. */
export async function armWeightFiles(folder: RunFolder, arm: string): Promise<readonly string[]> {
  const path = folder.arm(arm);
  const entries = await readdir(path, { withFileTypes: true }).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw diskError(error, path);
  });
  return entries
    .filter((entry) => entry.isFile() && !results.has(entry.name) && !entry.name.includes(unfinishedMark))
    .map(({ name }) => name)
    .sort();
}
