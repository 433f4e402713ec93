import { copyFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { RankscopeError } from '../../protocol/errors.ts';
import { armWeightFiles } from '../armWeightFiles.ts';
import { assertAsWritten } from '../folderDigests.ts';
import { writeNewFolder } from '../newFolder.ts';
import { readRecord } from '../readRun.ts';
import type { RunFolder } from '../runFolder.ts';

/**
 * Copies the weights of a trained arm from the run into a new or empty folder, as a PEFT adapter or as the full
 * model. Resolves with the names of the files. Throws RankscopeError: `usage` where `arm` is no trained arm; `run`
 * where it has no weights yet, where they are damaged, or where something stands at `to`; and `disk`.
 */
export async function exportArm(folder: RunFolder, arm: string, to: string): Promise<readonly string[]> {
  const files = await trainedWeights(folder, arm);
  const out = resolve(to);
  await assertAsWritten(folder.arm(arm));
  await writeNewFolder(out, async (directory) => {
    for (const name of files) await copyFile(join(folder.arm(arm), name), join(directory, name));
  });
  return files.map((name) => join(out, name));
}

/** Names of the files that hold a trained arm's weights. Throws RankscopeError('usage') and ('run'). */
export async function trainedWeights(folder: RunFolder, arm: string): Promise<readonly string[]> {
  const { arms } = await readRecord(folder);
  const trained = arms.filter(({ method }) => method !== 'base').map(({ id }) => id);
  if (!trained.includes(arm)) {
    throw new RankscopeError({
      code: 'usage',
      what: `the run has no trained arm "${arm}"`,
      where: folder.path,
      remedy: `The trained arms are ${trained.join(', ')}.`,
    });
  }
  const files = await armWeightFiles(folder, arm);
  if (files.length > 0) return files;
  throw new RankscopeError({
    code: 'run',
    what: `the arm ${arm} has no weights`,
    where: folder.path,
    remedy: 'Finish the run first. The arm of a finished run has none where it failed: see the report.',
  });
}
