import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { loraScale, type LoraArm } from '../../engine/adapters/loraArm.ts';
import { readPeftFolder } from '../../engine/adapters/peftFolder.ts';
import { adapterNames } from '../../engine/adapters/trainableSlots.ts';
import { defineModel } from '../../engine/models/families/families.ts';
import type { LinearModule } from '../../engine/models/modelConfig.ts';
import { parametersOf } from '../../engine/models/modelDefinition.ts';
import type { Checkpoint } from '../../engine/weights/checkpoint.ts';
import { openCheckpoint } from '../../engine/checkpoints/openCheckpoint.ts';
import { writeSafetensors, type TensorToWrite } from '../../engine/weights/writeSafetensors.ts';
import { RankscopeError } from '../../protocol/errors.ts';

export interface Merge {
  /** Folder, GGUF file or hub id of the base model. */
  readonly model: string;
  /** PEFT folder of a LoRA adapter. */
  readonly adapter: string;
  /** Existing, empty folder. */
  readonly to: string;
}

/**
 * Writes the base model with an adapter worked into its weights, W + scale B A, as a Hugging Face folder of float32
 * safetensors that needs no adapter. One tensor is in memory at a time, and nothing is compiled. Throws
 * RankscopeError('model') when the adapter does not fit, ('disk') when there is no room.
 */
export async function mergeAdapter({ model, adapter, to }: Merge, signal: AbortSignal): Promise<void> {
  const checkpoint = await openCheckpoint(model, { signal });
  try {
    const definition = defineModel(checkpoint.config, checkpoint.path);
    const arm = await readPeftFolder(adapter, definition);
    const targets = new Map(arm.targets.map((module) => [`${module.name}.weight`, module]));
    const saved = new Set(arm.saved?.map(({ name }) => name));
    const tensors = parametersOf(definition)
      .filter((parameter) => !parameter.compute)
      .map(({ name, shape }): TensorToWrite => {
        const read = async (): Promise<Float32Array> => {
          if (signal.aborted) throw new RankscopeError({ code: 'cancelled', what: 'The export was cancelled.' });
          if (saved.has(name)) return arm.store.tensor(name, 'value').data;
          const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
          await checkpoint.tensors.readInto(name, data);
          const module = targets.get(name);
          if (module) addProduct(data, arm, module);
          return data;
        };
        return { name, shape, data: read };
      });
    await writeFolder(to, checkpoint, tensors);
  } finally {
    await checkpoint.tensors.close();
  }
}

/** W += scale B A, in W's layout: [out, in], or [in, out] where the module is a Conv1D. */
export function addProduct(weight: Float32Array, arm: LoraArm, module: LinearModule): void {
  const { inFeatures, outFeatures, layout, name } = module;
  const names = adapterNames(name);
  const a = arm.store.tensor(names.a, 'value').data;
  const b = arm.store.tensor(names.b, 'value').data;
  const scale = loraScale(arm);
  const row = new Float32Array(inFeatures);
  for (let out = 0; out < outFeatures; out++) {
    row.fill(0);
    for (let r = 0; r < arm.rank; r++) {
      const factor = b[out * arm.rank + r] ?? 0;
      const at = r * inFeatures;
      for (let i = 0; i < inFeatures; i++) row[i] = (row[i] ?? 0) + factor * (a[at + i] ?? 0);
    }
    const [start, step] = layout === 'out-in' ? [out * inFeatures, 1] : [out, outFeatures];
    for (let i = 0; i < inFeatures; i++) {
      const place = start + i * step;
      weight[place] = (weight[place] ?? 0) + scale * (row[i] ?? 0);
    }
  }
}

async function writeFolder(to: string, checkpoint: Checkpoint, tensors: readonly TensorToWrite[]): Promise<void> {
  await mkdir(to, { recursive: true });
  const asJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
  await writeFile(path.join(to, 'config.json'), asJson({ ...checkpoint.config, torch_dtype: 'float32' }));
  if (checkpoint.tokenizer) {
    const { tokenizer, config } = checkpoint.tokenizer;
    await writeFile(path.join(to, 'tokenizer.json'), JSON.stringify(tokenizer));
    await writeFile(path.join(to, 'tokenizer_config.json'), asJson(config));
  }
  await writeSafetensors(path.join(to, 'model.safetensors'), tensors, { format: 'pt' });
}
