import { RankscopeError } from '../../protocol/errors.ts';
import type { JsonObject, TokenizerFiles } from '../weights/checkpoint.ts';
import {
  badMetadata,
  metadataBoolean,
  metadataNumber,
  metadataNumbers,
  metadataString,
  metadataStrings,
  type GgufMetadata,
} from '../weights/ggufMetadata.ts';
import { isSpelledInBytes, spellInBytes } from './byteAlphabet.ts';
import { mergesFromScores } from './mergesFromScores.ts';
import { splitPattern } from './splitPatterns.ts';

/** Token types of llama.cpp (`llama_token_type`) that matter here. */
const CONTROL = 3;
const USER_DEFINED = 4;

const SPECIAL_ROLES = {
  bos_token: 'tokenizer.ggml.bos_token_id',
  eos_token: 'tokenizer.ggml.eos_token_id',
  unk_token: 'tokenizer.ggml.unknown_token_id',
  pad_token: 'tokenizer.ggml.padding_token_id',
} as const;

/**
 * tokenizer.json and tokenizer_config.json rebuilt from a GGUF's metadata, or undefined when it has no tokenizer.
 * Kinds `gpt2` (byte-level BPE) and `llama` (SentencePiece BPE); the result gives the ids that Transformers gives for
 * the same file (`AutoTokenizer.from_pretrained(..., gguf_file=...)`).
 * Throws RankscopeError('tokenizer' or 'model') naming the metadata entry.
 */
export function tokenizerFromGguf(metadata: GgufMetadata): TokenizerFiles | undefined {
  const kind = metadataString(metadata, 'tokenizer.ggml.model');
  if (kind === undefined || kind === 'none') return undefined;
  const tokens = metadataStrings(metadata, 'tokenizer.ggml.tokens');
  if (tokens === undefined) throw badMetadata('tokenizer.ggml.tokens', 'is missing');
  const roles = specialRoles(metadata, tokens);
  if (kind === 'gpt2') return byteLevel(metadata, tokens, roles);
  if (kind === 'llama') return sentencePiece(metadata, tokens, roles);
  throw new RankscopeError({
    code: 'tokenizer',
    what: `the tokenizer kind ${kind} is not supported.`,
    where: 'tokenizer.ggml.model',
    remedy: 'Use a model with a gpt2 or llama tokenizer, or its Hugging Face folder with tokenizer.json.',
  });
}

/** The texts of the tokens that play a role, by tokenizer_config.json's keys. */
function specialRoles(metadata: GgufMetadata, tokens: readonly string[]): Record<string, string> {
  const pairs = Object.entries(SPECIAL_ROLES).flatMap(([role, key]): [string, string][] => {
    const id = metadataNumber(metadata, key);
    if (id === undefined) return [];
    const token = tokens[id];
    if (token === undefined) throw badMetadata(key, `is ${id}, but there are ${tokens.length} tokens`);
    return [[role, token]];
  });
  return Object.fromEntries(pairs);
}

function byteLevel(metadata: GgufMetadata, tokens: readonly string[], roles: Record<string, string>): TokenizerFiles {
  // A token with other characters than the alphabet's is text that was put in unspelled.
  const spelled = tokens.map((token) => (isSpelledInBytes(token) ? token : spellInBytes(token)));
  const merges = metadataStrings(metadata, 'tokenizer.ggml.merges');
  if (merges === undefined) throw badMetadata('tokenizer.ggml.merges', 'is missing');
  const split = splitPattern(metadataString(metadata, 'tokenizer.ggml.pre'));
  const bytes = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: split === undefined };
  return files(metadata, tokens, roles, false, {
    pre_tokenizer: split === undefined ? bytes : sequence('pretokenizers', [isolated(split), bytes]),
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    added_tokens: addedTokens(metadata, tokens, roles, isSpelledInBytes),
    model: { type: 'BPE', vocab: vocabulary(spelled), merges, fuse_unk: false, byte_fallback: false },
  });
}

function sentencePiece(
  metadata: GgufMetadata,
  tokens: readonly string[],
  roles: Record<string, string>,
): TokenizerFiles {
  const listed = metadataStrings(metadata, 'tokenizer.ggml.merges')?.map((merge) => merge.split(' '));
  const prefix = metadataBoolean(metadata, 'tokenizer.ggml.add_space_prefix') ?? true;
  const strip = prefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : [];
  return files(metadata, tokens, roles, true, {
    pre_tokenizer: { type: 'Metaspace', replacement: '▁', prepend_scheme: prefix ? 'first' : 'never', split: false },
    decoder: sequence('decoders', [
      { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      ...strip,
    ]),
    added_tokens: addedTokens(metadata, tokens, roles, () => true),
    model: {
      type: 'BPE',
      vocab: vocabulary(tokens),
      merges: listed ?? mergesFromScores(tokens, scores(metadata, tokens)),
      fuse_unk: true,
      byte_fallback: true,
    },
  });
}

/** What both kinds share: the post-processor that adds bos and eos, and the config. */
function files(
  metadata: GgufMetadata,
  tokens: readonly string[],
  roles: Record<string, string>,
  bosByDefault: boolean,
  parts: JsonObject,
): TokenizerFiles {
  const addBos = metadataBoolean(metadata, 'tokenizer.ggml.add_bos_token') ?? bosByDefault;
  const addEos = metadataBoolean(metadata, 'tokenizer.ggml.add_eos_token') ?? false;
  const { bos_token: bos, eos_token: eos } = roles;
  const before = addBos && bos !== undefined ? [bos] : [];
  const after = addEos && eos !== undefined ? [eos] : [];
  const special = (id: string): JsonObject => ({ SpecialToken: { id, type_id: 0 } });
  const text = (id: string): JsonObject => ({ Sequence: { id, type_id: 0 } });
  const around = (ids: readonly string[]): JsonObject[] =>
    ids.flatMap((id) => [...before.map(special), text(id), ...after.map(special)]);
  return {
    tokenizer: {
      version: '1.0',
      normalizer: null,
      post_processor: {
        type: 'TemplateProcessing',
        single: around(['A']),
        pair: around(['A', 'B']),
        special_tokens: Object.fromEntries(
          [...before, ...after].map((token) => [token, { id: token, ids: [tokens.indexOf(token)], tokens: [token] }]),
        ),
      },
      ...parts,
    },
    config: { ...roles, add_bos_token: addBos, add_eos_token: addEos, clean_up_tokenization_spaces: false },
  };
}

/**
 * Control tokens and those with a role become special, user-defined ones plain added tokens, as in Transformers. A
 * control token outside the byte alphabet is a known mislabel of llama.cpp's converter and is left in the vocabulary.
 */
function addedTokens(
  metadata: GgufMetadata,
  tokens: readonly string[],
  roles: Record<string, string>,
  admissible: (token: string) => boolean,
): JsonObject[] {
  const types = metadataNumbers(metadata, 'tokenizer.ggml.token_type') ?? [];
  const named = new Set(Object.values(roles));
  return tokens.flatMap((content, id) => {
    const special = named.has(content) || (types[id] === CONTROL && admissible(content));
    if (!special && (types[id] !== USER_DEFINED || !admissible(content))) return [];
    return [{ id, content, special, single_word: false, lstrip: false, rstrip: false, normalized: false }];
  });
}

function scores(metadata: GgufMetadata, tokens: readonly string[]): readonly number[] {
  const values = metadataNumbers(metadata, 'tokenizer.ggml.scores');
  if (values?.length === tokens.length) return values;
  const what = values === undefined ? 'is missing' : `has ${values.length} values for ${tokens.length} tokens`;
  throw badMetadata('tokenizer.ggml.scores', what);
}

/** Own properties whatever the names: `__proto__` is a token in some vocabularies. */
function vocabulary(tokens: readonly string[]): JsonObject {
  return Object.fromEntries(tokens.map((token, id) => [token, id]));
}

function isolated(regex: string): JsonObject {
  return { type: 'Split', pattern: { Regex: regex }, behavior: 'Isolated', invert: false };
}

function sequence(key: 'pretokenizers' | 'decoders', steps: readonly JsonObject[]): JsonObject {
  return { type: 'Sequence', [key]: steps };
}
