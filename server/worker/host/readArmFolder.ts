/** Reads an arm from its folder in a run. */
import type { WeightReader } from '../../engine/adapters/adapterMethod.ts';
import { readPeftFolder } from '../../engine/adapters/peftFolder.ts';
import type { Arm } from '../../engine/generate/armWeights.ts';
import { defineModel } from '../../engine/models/families/families.ts';
import { checkStored } from '../../engine/models/modelWeights.ts';
import { parametersOf, type ModelDefinition } from '../../engine/models/modelDefinition.ts';
import { ParameterStore } from '../../engine/optimiser/parameterStore.ts';
import { openHuggingFaceFolder } from '../../engine/checkpoints/openHuggingFaceFolder.ts';
import { readFinite } from '../../engine/weights/readFinite.ts';
import { assertAsWritten } from '../../runs/folderDigests.ts';
import { access } from 'node:fs/promises';
import path from 'node:path';

/**
 * Reads a PEFT adapter folder as a LoRA arm, and a folder with a whole model of the base's shape (as full
 * fine-tuning writes it) as a full arm. Throws RankscopeError('model') that says what does not fit the base or is
 * not finite, and ('run') where a run's own weights have changed since they were written.
 */
export async function readArmFolder(
  folder: string,
  definition: ModelDefinition,
  weights: WeightReader,
): Promise<Exclude<Arm, { kind: 'base' }>> {
  await assertAsWritten(folder);
  if (!(await holdsWholeModel(folder))) return readPeftFolder(folder, definition, weights);
  const checkpoint = await openHuggingFaceFolder(folder);
  try {
    defineModel(checkpoint.config, folder);
    const stored = parametersOf(definition).filter((p) => !p.compute);
    checkStored(stored, checkpoint.tensors, folder);
    const store = new ParameterStore(stored);
    for (const { name } of stored) await readFinite(checkpoint.tensors, name, store.tensor(name, 'value').data, folder);
    store.finish();
    return { kind: 'full', store };
  } finally {
    await checkpoint.tensors.close();
  }
}

/** Whether a folder holds a whole model and no adapter, as full fine-tuning writes it. */
export async function holdsWholeModel(folder: string): Promise<boolean> {
  const isAdapter = await exists(path.join(folder, 'adapter_config.json'));
  return !isAdapter && (await exists(path.join(folder, 'config.json')));
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
