import { exportArm, trainedWeights } from './exportArm.ts';
import { assertAsWritten } from '../folderDigests.ts';
import { writeNewFolder } from '../newFolder.ts';
import { readRecord } from '../readRun.ts';
import { runFolder } from '../runFolder.ts';

/** The request to the engine: merge an adapter into a model's weights and write them into an existing, empty folder. */
export type Merge = (params: { model: string; adapter: string; to: string }) => Promise<unknown>;

/**
 * Writes the merged weights of an arm into a new or empty folder, complete or not at all. Full fine-tuning already
 * has whole weights; the engine merges an adapter into the base model's. Throws what `exportArm` throws.
 */
export async function exportMerged(run: string, arm: string, to: string, merge: Merge): Promise<void> {
  const folder = runFolder(run);
  const { arms, sweep } = await readRecord(folder);
  await trainedWeights(folder, arm);
  if (arms.find(({ id }) => id === arm)?.method === 'full') {
    await exportArm(folder, arm, to);
    return;
  }
  await assertAsWritten(folder.arm(arm));
  await writeNewFolder(to, (directory) => merge({ model: sweep.model, adapter: folder.arm(arm), to: directory }));
}
