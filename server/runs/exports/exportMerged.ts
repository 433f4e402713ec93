import { exportArm, trainedWeights } from './exportArm.ts';
import { assertAsWritten } from '../folderDigests.ts';
import { writeNewFolder } from '../newFolder.ts';
import { readRecord } from '../readRun.ts';
import { runFolder } from '../runFolder.ts';

/** What the engine is asked: to work an adapter into a model's weights, in an existing, empty folder. */
export type Merge = (params: { model: string; adapter: string; to: string }) => Promise<unknown>;

/**
 * Writes the merged weights of an arm into a new or empty folder. Full fine-tuning has whole weights already; an adapter
 * is worked into the base's by the engine, and half a model is worse than none. Throws what `exportArm` throws.
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
