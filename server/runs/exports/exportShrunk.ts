import { RankscopeError } from '../../protocol/errors.ts';
import { writeNewFolder } from '../newFolder.ts';
import { trainedWeights } from './exportArm.ts';
import { assertAsWritten } from '../folderDigests.ts';
import { readRecord } from '../readRun.ts';
import { runFolder } from '../runFolder.ts';

/** The request to the engine: write an adapter at a lower rank into an existing, empty folder. */
export type ShrinkRequest<T> = (params: { model: string; adapter: string; rank: number; to: string }) => Promise<T>;

/**
 * Writes the best approximation of an arm's adapter at a lower rank into a new or empty folder, complete or not at
 * all. Throws RankscopeError: `usage` for full fine-tuning and for a rank that is not below the arm's, and what
 * `exportArm` throws.
 */
export async function exportShrunk<T>(
  run: string,
  { arm, rank, to }: { readonly arm: string; readonly rank: number; readonly to: string },
  shrink: ShrinkRequest<T>,
): Promise<T> {
  const folder = runFolder(run);
  const { arms, sweep } = await readRecord(folder);
  await trainedWeights(folder, arm);
  if (arms.find(({ id }) => id === arm)?.method === 'full') {
    throw new RankscopeError({
      code: 'usage',
      what: `the arm ${arm} is full fine-tuning, not an adapter, and cannot be shrunk`,
      where: folder.path,
      remedy: 'Choose an arm that was trained with LoRA.',
    });
  }
  await assertAsWritten(folder.arm(arm));
  return writeNewFolder(to, (directory) =>
    shrink({ model: sweep.model, adapter: folder.arm(arm), rank, to: directory }),
  );
}
