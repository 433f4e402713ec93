import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { RankscopeError } from '../../protocol/errors.ts';
import type { Checkpoint, JsonObject, TokenizerFiles } from '../weights/checkpoint.ts';
import { hashFiles } from '../weights/hashFiles.ts';
import { openSafetensors } from '../weights/openSafetensors.ts';
import { tokenizerFromVocabulary } from '../tokenizer/tokenizerFromVocabulary.ts';
import { damaged, unreadable } from '../weights/weightFile.ts';

/** The largest known tokenizer.json has 34 MB. */
const LARGEST_TEXT = 2 ** 28;

/** Weight files in the order of preference. */
const WEIGHT_FILES = ['model.safetensors', 'model.safetensors.index.json'];

/**
 * Opens a Hugging Face model folder: config.json, safetensors (one file or sharded), and where present tokenizer.json
 * (or the older vocab.txt, or vocab.json and merges.txt), tokenizer_config.json and chat_template.jinja.
 * Throws RankscopeError('model') naming the file that is missing or damaged.
 */
export async function openHuggingFaceFolder(folder: string): Promise<Checkpoint> {
  const config = await readJson(join(folder, 'config.json'));
  if (config === undefined) {
    throw damaged(folder, 'the folder has no config.json', 'Name the folder of a Hugging Face model.');
  }
  const tokenizer = await readTokenizer(folder);
  const chatTemplate = await readText(join(folder, 'chat_template.jinja'));
  const tensors = await openSafetensors(join(folder, await weightFile(folder)));
  return {
    path: folder,
    config,
    tensors,
    ...(tokenizer === undefined ? {} : { tokenizer }),
    ...(chatTemplate === undefined ? {} : { chatTemplate }),
    hash: () => hashFiles(tensors.files),
  };
}

async function weightFile(folder: string): Promise<string> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw unreadable(folder, error);
  });
  const found = WEIGHT_FILES.find((name) => names.includes(name));
  if (found !== undefined) return found;
  const pickled = names.find((name) => /\.(bin|pth?|ckpt)$/.test(name));
  throw damaged(
    folder,
    'the folder has no model.safetensors and no model.safetensors.index.json',
    pickled === undefined
      ? 'Download the model again, with its weights.'
      : `${pickled} is pickled Python, which can run code and is not read: save the model again with safetensors.`,
  );
}

async function readTokenizer(folder: string): Promise<TokenizerFiles | undefined> {
  const tokenizer = await readJson(join(folder, 'tokenizer.json'));
  const config = (await readJson(join(folder, 'tokenizer_config.json'))) ?? {};
  if (tokenizer !== undefined) return { tokenizer, config };
  const [pairs, merges] = [await readJson(join(folder, 'vocab.json')), await readText(join(folder, 'merges.txt'))];
  return tokenizerFromVocabulary({
    vocabulary: await readText(join(folder, 'vocab.txt')),
    bytePairs: pairs !== undefined && merges !== undefined ? { vocabulary: pairs, merges } : undefined,
    config,
  });
}

async function readJson(path: string): Promise<JsonObject | undefined> {
  const text = await readText(path);
  if (text === undefined) return undefined;
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as JsonObject;
  } catch (error) {
    throw damaged(path, `it is not valid JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  throw damaged(path, 'it is not a JSON object');
}

/** The file's text, or undefined where there is none. */
async function readText(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > LARGEST_TEXT) throw damaged(path, `it has ${size} bytes, more than any such file needs`);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof RankscopeError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw unreadable(path, error);
  }
}
