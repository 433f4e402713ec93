import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ParameterStore } from '../../engine/optimiser/parameterStore.ts';
import type { Checkpoint, JsonObject } from '../../engine/weights/checkpoint.ts';
import { writeSafetensors } from '../../engine/weights/writeSafetensors.ts';

/**
 * Writes fully trained weights as a Hugging Face folder: model.safetensors, the checkpoint's config.json with `changes`, and
 * its tokenizer.
 */
export async function writeModelFolder(
  directory: string,
  store: ParameterStore,
  { config, tokenizer }: Pick<Checkpoint, 'config' | 'tokenizer'>,
  changes: JsonObject = {},
): Promise<void> {
  const tensors = store.names.map((name) => {
    const { data, dims } = store.tensor(name, 'value');
    return { name, shape: dims, data };
  });
  await mkdir(directory, { recursive: true });
  await writeSafetensors(path.join(directory, 'model.safetensors'), tensors, { format: 'pt' });
  const write = (name: string, json: JsonObject): Promise<void> =>
    writeFile(path.join(directory, name), `${JSON.stringify(json, null, 2)}\n`);
  await write('config.json', { ...config, torch_dtype: 'float32', ...changes });
  if (!tokenizer) return;
  await writeFile(path.join(directory, 'tokenizer.json'), JSON.stringify(tokenizer.tokenizer));
  await write('tokenizer_config.json', tokenizer.config);
}
