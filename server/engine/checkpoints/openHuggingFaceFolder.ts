import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RankscopeError } from '../../protocol/errors.ts';
import type { Checkpoint, JsonObject, TokenizerFiles } from '../weights/checkpoint.ts';
import { hashFiles } from '../weights/hashFiles.ts';
import { openSafetensors } from '../weights/openSafetensors.ts';
import { FolderTexts } from './folderTexts.ts';
import { hasHeadOfItsOwn } from './untiedHead.ts';
import { tokenizerFromVocabulary } from '../tokenizer/tokenizerFromVocabulary.ts';
import { damaged, unreadable } from '../weights/weightFile.ts';

/** Weight files in the order of preference. */
const WEIGHT_FILES = ['model.safetensors', 'model.safetensors.index.json'];

/**
 * Opens a Hugging Face model folder: config.json, safetensors (one file or sharded), and where present tokenizer.json
 * (or the older vocab.txt, or vocab.json and merges.txt), tokenizer_config.json, generation_config.json and the chat template.
 * Throws RankscopeError('model') naming the file that is missing or damaged.
 */
export async function openHuggingFaceFolder(folder: string): Promise<Checkpoint> {
  const texts = new FolderTexts(folder);
  const config = await texts.json('config.json');
  if (config === undefined) {
    const adapter = await texts.json('adapter_config.json');
    if (adapter) throw adapterFolder(folder, adapter);
    throw damaged(folder, 'the folder has no config.json', 'Name the folder of a Hugging Face model.');
  }
  refuseQuantised(folder, config);
  const tokenizer = await readTokenizer(texts);
  const chatTemplate = await readChatTemplate(texts, folder, tokenizer?.config ?? {});
  const generation = await texts.json('generation_config.json');
  const tensors = await openSafetensors(join(folder, await weightFile(folder)));
  const isUntied = await hasHeadOfItsOwn(config, tensors);
  return {
    path: folder,
    config: isUntied ? { ...config, tie_word_embeddings: false } : config,
    ...(isUntied && { notes: [ownHead(config)] }),
    ...(generation === undefined ? {} : { generation }),
    tensors,
    ...(tokenizer === undefined ? {} : { tokenizer }),
    ...(chatTemplate === undefined ? {} : { chatTemplate }),
    hash: () => hashFiles(tensors.files),
    fileHashes: texts.hashes,
  };
}

function ownHead({ tie_word_embeddings: tied }: JsonObject): string {
  const said = tied === true ? 'although config.json ties them' : 'and config.json does not say whether they are tied';
  return `The checkpoint stores a head that differs from the embedding, ${said}: the stored head is used.`;
}

/** Weights of few bits in formats that are not read: their bytes would be taken for something else. */
function refuseQuantised(folder: string, { quantization_config: config }: JsonObject): void {
  if (config === undefined || config === null) return;
  const method = (config as JsonObject).quant_method;
  throw damaged(
    folder,
    `its weights are quantised (${typeof method === 'string' ? method : 'quantization_config'}), which is not read`,
    'Use the checkpoint that it was made from, or a GGUF of the model.',
  );
}

/** From chat_template.jinja, else from the older chat_template.json, else from tokenizer_config.json. */
async function readChatTemplate(texts: FolderTexts, folder: string, config: JsonObject): Promise<string | undefined> {
  const file = await texts.text('chat_template.jinja');
  if (file !== undefined) return file;
  const older = await texts.json('chat_template.json');
  return configuredTemplate(older?.chat_template ?? config.chat_template, folder);
}

/** A template's text, or of a list of named ones that called "default". */
function configuredTemplate(template: unknown, folder: string): string | undefined {
  if (typeof template === 'string') return template;
  if (template === undefined || template === null) return undefined;
  const named = Array.isArray(template) ? (template as readonly (JsonObject | null)[]) : [];
  const chosen = named.find((one) => one?.name === 'default')?.template;
  if (typeof chosen === 'string') return chosen;
  const names = named.map((one) => JSON.stringify(one?.name)).join(', ');
  throw damaged(
    folder,
    `"chat_template" is neither a text nor a list with one that is called "default" (${names})`,
    'Write the template that is meant into chat_template.jinja.',
  );
}

function adapterFolder(folder: string, { base_model_name_or_path: base }: JsonObject): RankscopeError {
  const named = typeof base === 'string' ? ` for ${JSON.stringify(base)}` : '';
  return damaged(
    folder,
    `it is the folder of an adapter${named}, not of a model`,
    'Name its base model as the model, and this folder as an adapter.',
  );
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

async function readTokenizer(texts: FolderTexts): Promise<TokenizerFiles | undefined> {
  const tokenizer = await texts.json('tokenizer.json');
  const config = (await texts.json('tokenizer_config.json')) ?? {};
  if (tokenizer !== undefined) return { tokenizer, config };
  const [pairs, merges] = [await texts.json('vocab.json'), await texts.text('merges.txt')];
  return tokenizerFromVocabulary({
    vocabulary: await texts.text('vocab.txt'),
    bytePairs: pairs !== undefined && merges !== undefined ? { vocabulary: pairs, merges } : undefined,
    config,
  });
}
