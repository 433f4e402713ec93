import type { BytePairs } from './trainBpe.ts';

export const endOfText = '<|endoftext|>';

export interface TokenizerJson {
  readonly tokenizer: Readonly<Record<string, unknown>>;
  readonly config: Readonly<Record<string, unknown>>;
}

/** tokenizer.json and tokenizer_config.json, as Hugging Face's `tokenizers` 0.2x reads them. The last id is <|endoftext|>. */
export function tokenizerFiles({ tokens, merges }: BytePairs, maxLength: number): TokenizerJson {
  const special = {
    content: endOfText,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  };
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  return {
    tokenizer: {
      version: '1.0',
      truncation: null,
      padding: null,
      added_tokens: [{ id: tokens.length, ...special }],
      normalizer: null,
      pre_tokenizer: byteLevel,
      post_processor: null,
      decoder: byteLevel,
      model: {
        type: 'BPE',
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: null,
        end_of_word_suffix: null,
        fuse_unk: false,
        byte_fallback: false,
        ignore_merges: false,
        vocab: Object.fromEntries([...tokens, endOfText].map((token, id) => [token, id])),
        merges,
      },
    },
    config: {
      tokenizer_class: 'GPT2TokenizerFast',
      bos_token: endOfText,
      eos_token: endOfText,
      unk_token: endOfText,
      add_prefix_space: false,
      clean_up_tokenization_spaces: false,
      model_max_length: maxLength,
    },
  };
}
