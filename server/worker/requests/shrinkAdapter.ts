import { readPeftFolder, writePeftFolder } from '../../engine/adapters/peftFolder.ts';
import { openCheckpoint } from '../../engine/checkpoints/openCheckpoint.ts';
import { defineModel } from '../../engine/models/families/families.ts';
import { assertSameBase } from '../../runs/recordedHashes.ts';
import { assertNewFolder } from '../../runs/newFolder.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { ShrinkResult } from '../../protocol/run/spectra.ts';
import { holdsWholeModel } from '../host/readArmFolder.ts';
import { assertPlainLora } from '../host/lowRankChange.ts';
import { assertBelow, shrinkArm, type Loss } from '../host/shrinkArm.ts';

export interface Shrink {
  /** Folder, GGUF file or hub id of the base model. */
  readonly model: string;
  /** PEFT folder of a LoRA adapter. */
  readonly adapter: string;
  readonly rank: number;
  /** Existing, empty folder. */
  readonly to: string;
}

/**
 * Writes the best approximation of rank `rank` of each module's scale B A (truncated SVD) as a PEFT folder. Alpha
 * equals the rank, so that the scale is 1. Parameters that the adapter saves in full are copied. Resolves with the
 * energy of the adapter and the energy that is lost. Throws RankscopeError('usage') where the rank is not below the
 * adapter's and for a full arm, ('model') for an adapter that is not plain LoRA or does not fit, ('disk'), and
 * ('run') where something stands at `to`.
 */
export async function shrinkAdapter({ model, adapter, rank, to }: Shrink): Promise<ShrinkResult> {
  await assertNewFolder(to);
  await assertAdapter(adapter);
  const checkpoint = await openCheckpoint(model);
  try {
    await assertSameBase(adapter, model, checkpoint);
    const definition = defineModel(checkpoint.config, checkpoint.path);
    const arm = await readPeftFolder(adapter, definition, checkpoint.tensors);
    assertPlainLora(arm, adapter);
    assertBelow(rank, arm.rank, adapter);
    const { shrunk, losses } = shrinkArm(arm, rank);
    await writePeftFolder(to, shrunk, checkpoint.path, definition);
    return summary(losses);
  } finally {
    await checkpoint.tensors.close();
  }
}

function summary(losses: readonly Loss[]): ShrinkResult {
  const share = ({ energy, lost }: Loss): number => (energy > 0 ? lost / energy : 0);
  const sum = (key: 'energy' | 'lost'): number => losses.reduce((total, loss) => total + loss[key], 0);
  const worst = losses.reduce((most, loss) => (share(loss) > share(most) ? loss : most));
  return { energy: sum('energy'), lost: sum('lost'), worst: { module: worst.module, lostShare: share(worst) } };
}

/** Throws for the folder of a whole model: the change of full fine-tuning has full rank and is no adapter. */
async function assertAdapter(folder: string): Promise<void> {
  if (!(await holdsWholeModel(folder))) return;
  throw new RankscopeError({
    code: 'usage',
    where: folder,
    what: 'This is a fully fine-tuned model, not an adapter, and cannot be shrunk.',
    remedy: 'Choose an arm that was trained with LoRA.',
  });
}
