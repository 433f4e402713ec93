import { adapterOn, methodOf } from '../../engine/adapters/loraArm.ts';
import { readPeftFolder } from '../../engine/adapters/peftFolder.ts';
import { defineModel } from '../../engine/models/families/families.ts';
import { parametersOf } from '../../engine/models/modelDefinition.ts';
import { checkUnused } from '../../engine/models/unusedTensors.ts';
import { readFinite } from '../../engine/weights/readFinite.ts';
import { openCheckpoint } from '../../engine/checkpoints/openCheckpoint.ts';
import type { TensorToWrite } from '../../engine/weights/writeSafetensors.ts';
import { assertSameBase } from '../../runs/recordedHashes.ts';
import { assertNewFolder } from '../../runs/newFolder.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import { writeModelFiles } from '../host/writeModelFolder.ts';

export interface Merge {
  /** Folder, GGUF file or hub id of the base model. */
  readonly model: string;
  /** PEFT folder of a LoRA adapter. */
  readonly adapter: string;
  /** Existing, empty folder. */
  readonly to: string;
}

/**
 * Merges an adapter into the base model's weights, W + scale B A, and writes the result as a Hugging Face folder of
 * float32 safetensors. Only one tensor is in memory at a time, and nothing is compiled. Throws
 * RankscopeError('model') where the adapter does not fit, ('disk') where there is no room, and ('run') where
 * something stands at `to`.
 */
export async function mergeAdapter({ model, adapter, to }: Merge, signal: AbortSignal): Promise<void> {
  await assertNewFolder(to);
  const checkpoint = await openCheckpoint(model, { signal });
  try {
    await assertSameBase(adapter, model, checkpoint);
    const definition = defineModel(checkpoint.config, checkpoint.path);
    checkUnused(definition, checkpoint.tensors, model);
    const arm = await readPeftFolder(adapter, definition, checkpoint.tensors);
    const targets = new Map(arm.targets.map((module) => [`${module.name}.weight`, module]));
    const saved = new Set(arm.saved?.map(({ name }) => name));
    const tensors = parametersOf(definition)
      .filter((parameter) => !parameter.compute)
      .map(({ name, shape }): TensorToWrite => {
        const read = async (): Promise<Float32Array> => {
          if (signal.aborted) throw new RankscopeError({ code: 'cancelled', what: 'The export was cancelled.' });
          if (saved.has(name)) return arm.store.tensor(name, 'value').data;
          const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
          await readFinite(checkpoint.tensors, name, data, model);
          const module = targets.get(name);
          if (module) methodOf(arm).merge(data, adapterOn(arm, module));
          return data;
        };
        return { name, shape, data: read };
      });
    await writeModelFiles(to, tensors, checkpoint);
  } finally {
    await checkpoint.tensors.close();
  }
}
