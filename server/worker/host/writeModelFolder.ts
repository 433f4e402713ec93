import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ParameterStore } from '../../engine/optimiser/parameterStore.ts';
import type { Checkpoint, JsonObject } from '../../engine/weights/checkpoint.ts';
import { writeSafetensors, type TensorToWrite } from '../../engine/weights/writeSafetensors.ts';

/** The files of a model's folder beside its weights. */
export type ModelFiles = Pick<Checkpoint, 'config' | 'generation' | 'tokenizer' | 'chatTemplate'>;

/** Writes fully trained weights as a Hugging Face folder: see writeModelFiles. */
export function writeModelFolder(
  directory: string,
  store: ParameterStore,
  checkpoint: ModelFiles,
  changes: JsonObject = {},
): Promise<void> {
  const tensors = store.names.map((name) => {
    const { data, dims } = store.tensor(name, 'value');
    return { name, shape: dims, data };
  });
  return writeModelFiles(directory, tensors, checkpoint, changes);
}

/**
 * Writes a Hugging Face folder: model.safetensors in float32, the checkpoint's config.json with `changes`, its
 * generation_config.json, its tokenizer and its chat template.
 */
export async function writeModelFiles(
  directory: string,
  tensors: readonly TensorToWrite[],
  { config, generation, tokenizer, chatTemplate }: ModelFiles,
  changes: JsonObject = {},
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const write = (name: string, json: JsonObject): Promise<void> =>
    writeFile(path.join(directory, name), `${JSON.stringify(json, null, 2)}\n`);
  await write('config.json', { ...config, torch_dtype: 'float32', ...changes });
  if (generation) await write('generation_config.json', generation);
  if (tokenizer) {
    await writeFile(path.join(directory, 'tokenizer.json'), JSON.stringify(tokenizer.tokenizer));
    await write('tokenizer_config.json', tokenizer.config);
  }
  if (chatTemplate !== undefined) await writeFile(path.join(directory, 'chat_template.jinja'), chatTemplate);
  await writeSafetensors(path.join(directory, 'model.safetensors'), tensors, { format: 'pt' });
}
