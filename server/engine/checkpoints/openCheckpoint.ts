import { stat } from 'node:fs/promises';
import { RankscopeError } from '../../protocol/errors.ts';
import type { Checkpoint } from '../weights/checkpoint.ts';
import { fetchFromHub, type HubOptions } from './fetchFromHub.ts';
import { openGguf } from './openGguf.ts';
import { openHuggingFaceFolder } from './openHuggingFaceFolder.ts';

/** `org/name`, optionally `@revision` (branch, tag or commit). */
const HUB_ID = /^([\w-][\w.-]*\/[\w-][\w.-]*)(?:@((?!.*\.\.)\w[\w./-]*))?$/;

/**
 * Opens the model that `reference` names: a Hugging Face folder, a `.gguf` file, or a hub id `org/name[@revision]`, which
 * is fetched into the Hugging Face cache first unless it is there. A path that exists goes before a hub id.
 * Throws RankscopeError('model') when it is none of these or damaged, ('network') when the hub cannot be reached,
 * ('cancelled') when `signal` ends it.
 */
export async function openCheckpoint(reference: string, options: HubOptions = {}): Promise<Checkpoint> {
  const found = await stat(reference).catch(() => undefined);
  if (found?.isDirectory() === true) return openHuggingFaceFolder(reference);
  if (found !== undefined) return openFile(reference);
  const [, id, revision] = HUB_ID.exec(reference) ?? [];
  if (id === undefined || reference.endsWith('.gguf')) {
    throw new RankscopeError({
      code: 'model',
      what: 'there is no such file or folder, and it is no hub id.',
      where: reference,
      remedy: 'Give a Hugging Face folder, a .gguf file, or a hub id such as HuggingFaceTB/SmolLM2-135M.',
    });
  }
  return openHuggingFaceFolder(await fetchFromHub(id, revision ?? 'main', options));
}

async function openFile(path: string): Promise<Checkpoint> {
  if (path.toLowerCase().endsWith('.gguf')) return openGguf(path);
  const safetensors = path.endsWith('.safetensors');
  throw new RankscopeError({
    code: 'model',
    what: safetensors ? 'a safetensors file alone has no configuration.' : 'it is neither a folder nor a .gguf file.',
    where: path,
    remedy: safetensors
      ? 'Name the folder that holds it beside its config.json.'
      : 'Give a Hugging Face folder, a .gguf file, or a hub id.',
  });
}
