import { RankscopeError } from '../../protocol/errors.ts';
import type { JsonObject } from '../weights/checkpoint.ts';
import { badMetadata, metadataNumber, metadataString, type GgufMetadata } from '../weights/ggufMetadata.ts';
import type { GgufTensor } from '../weights/ggufHeader.ts';

/** How the file's rows, columns and numbers differ from Hugging Face's. */
export type Arrangement =
  | { readonly kind: 'same' }
  /** Rows of every head taken in the order 0, half, 1, half + 1, ..., for interleaved rotary embedding. */
  | { readonly kind: 'interleaved'; readonly heads: number }
  /** All heads' queries, then keys, then values, where Hugging Face has the three of each head side by side. */
  | { readonly kind: 'grouped'; readonly heads: number }
  /** Stored [out, in], where Hugging Face's GPT-2 (`Conv1D`) has [in, out]. */
  | { readonly kind: 'transposed' }
  /** Each number stored with 1 added. */
  | { readonly kind: 'raised' };

/** What a file says of its model. */
export interface GgufContents {
  readonly metadata: GgufMetadata;
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  /** The numbers of ROPE_FACTORS, by name, of those that are there. */
  readonly factors: ReadonlyMap<string, readonly number[]>;
}

/** Divisors of rotary frequencies: of the configuration, though they are stored as tensors. */
export const ROPE_FACTORS = ['rope_freqs.weight', 'rope_factors_short.weight', 'rope_factors_long.weight'] as const;

/** What one `general.architecture` means. */
export interface GgufArchitecture {
  /** Content of a config.json. Throws RankscopeError('model') naming the metadata entry that is missing, wrong or not known. */
  config(contents: GgufContents): JsonObject;
  /** Hugging Face's name by the file's, with `N` for the layer and without `.weight` or `.bias`. */
  readonly names: Readonly<Record<string, string>>;
  arrangement(name: string, config: JsonObject): Arrangement;
}

/** The rows of the embedding are the vocabulary's true size, and a file without `output.weight` ties its head to it. */
export function vocabularyConfig({ metadata, tensors }: GgufContents): JsonObject {
  const vocabulary = tensors.get('token_embd.weight')?.shape[0];
  if (vocabulary === undefined) {
    throw new RankscopeError({
      code: 'model',
      what: 'tensor token_embd.weight is missing.',
      remedy: 'Convert the model again.',
    });
  }
  const bos = metadataNumber(metadata, 'tokenizer.ggml.bos_token_id');
  const eos = metadataNumber(metadata, 'tokenizer.ggml.eos_token_id');
  return {
    vocab_size: vocabulary,
    tie_word_embeddings: !tensors.has('output.weight'),
    ...(bos === undefined ? {} : { bos_token_id: bos }),
    ...(eos === undefined ? {} : { eos_token_id: eos }),
  };
}

/** Entries of an architecture that are the same for all of them, or say nothing of how logits are computed. */
const COMMON: readonly string[] = [
  ...['context_length', 'embedding_length', 'block_count', 'feed_forward_length', 'vocab_size', 'tensor_data_layout'],
  ...['attention.head_count', 'attention.head_count_kv', 'expert_count', 'expert_used_count'],
];

/** Throws RankscopeError('model') naming the first entry `ARCHITECTURE.*` that is neither common nor among `known`. */
export function refuseUnknown(metadata: GgufMetadata, known: readonly string[]): void {
  const architecture = metadataString(metadata, 'general.architecture') ?? '';
  const prefix = `${architecture}.`;
  const understood = new Set([...COMMON, ...known].map((entry) => prefix + entry));
  const unknown = [...metadata.keys()].find((key) => key.startsWith(prefix) && !understood.has(key));
  if (unknown !== undefined) throw badMetadata(unknown, 'is not known: what it changes would be left out');
  const experts = metadataNumber(metadata, `${prefix}expert_count`) ?? 0;
  if (experts > 0) throw badMetadata(`${prefix}expert_count`, `is ${experts}: mixtures of experts are not supported`);
}
