import { Tokenizer as TokenizersTokenizer } from '@huggingface/tokenizers';
import { createHash } from 'node:crypto';
import { RankscopeError } from '../../protocol/errors.ts';
import type { JsonObject, TokenizerFiles } from '../weights/checkpoint.ts';
import { ChatTemplate, noChatTemplate, type ChatMessage, type RenderedChat } from './chatTemplate.ts';
import { correctDifferences } from './correctDifferences.ts';
import { assertBounded, hasForeignPattern, withPatternsBounded } from './fileBounds.ts';

interface EncodeOptions {
  /** Adds what the model's post-processor adds, such as a leading `<s>`. Default false. */
  readonly addSpecialTokens?: boolean;
}

interface DecodeOptions {
  /** Leaves special tokens out. Default false. */
  readonly skipSpecialTokens?: boolean;
}

interface ChatOptions {
  /** Ends with the opening of the assistant's turn. Default false. */
  readonly addGenerationPrompt?: boolean;
}

/** Text to token ids and back. */
export interface Tokenizer {
  /** Characters that the vocabulary cannot express give the unknown token, or nothing where there is none. */
  encode(text: string, options?: EncodeOptions): number[];
  /** Throws RankscopeError('tokenizer') on an id outside the vocabulary. */
  decode(ids: readonly number[], options?: DecodeOptions): string;
  /** The chat as the one text that the model was trained on. Throws RankscopeError('tokenizer') without a template. */
  renderChat(messages: readonly ChatMessage[], options?: ChatOptions): RenderedChat;
  /** The model's chat template; undefined where it has none. */
  readonly chatTemplate: Pick<ChatTemplate, 'marksAnswers'> | undefined;
  /** Whether the token is a special one, which stands for no text that a person wrote. */
  isSpecial(id: number): boolean;
  /** The token's text as the vocabulary spells it, e.g. `Ġthe`; undefined for an id outside. */
  tokenText(id: number): string | undefined;
  /** One more than the largest id; a model's embedding may have more rows. */
  readonly vocabularySize: number;
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  readonly padId: number | undefined;
  /** SHA-256 (hex) of tokenizer.json's and tokenizer_config.json's content. */
  readonly hash: string;
}

/**
 * A tokenizer out of its files, by @huggingface/tokenizers. Ids equal those of Rust tokenizers (Transformers' "fast").
 * `chatTemplate` is Jinja source.
 * Throws RankscopeError('tokenizer') when the files are of an unknown kind.
 */
export function createTokenizer(files: TokenizerFiles, chatTemplate?: string): Tokenizer {
  const template = chatTemplate === undefined ? undefined : new ChatTemplate(chatTemplate);
  const { inner, hash } = build(files);
  const bounded: Bound = hasForeignPattern(inner) ? withPatternsBounded : (work) => work();
  const vocabulary = inner.get_vocab(true);
  const vocabularySize = [...vocabulary.values()].reduce((most, id) => Math.max(most, id + 1), 0);
  const special = new Set([...inner.get_added_tokens_decoder()].filter(([, token]) => token.special).map(([id]) => id));
  const idOf = (key: string): number | undefined => {
    const content = tokenContent(files.config[key]);
    return content === undefined ? undefined : inner.token_to_id(content);
  };
  // Transformers ignores the clean-up for BPE as it corrupts texts, and defaults to none elsewhere.
  const cleanUp = files.config.clean_up_tokenization_spaces === true && modelType(files.tokenizer) !== 'BPE';
  return {
    encode: (text, { addSpecialTokens = false } = {}) =>
      bounded(() => encode(inner, text, addSpecialTokens), text.length),
    decode: (ids, { skipSpecialTokens = false } = {}) => {
      checkIds(ids, (id) => inner.id_to_token(id) !== undefined);
      const kept = skipSpecialTokens ? ids.filter((id) => !special.has(id)) : [...ids];
      // The package refuses an empty list.
      if (kept.length === 0) return '';
      return bounded(() => inner.decode(kept, { clean_up_tokenization_spaces: cleanUp }), kept.length);
    },
    renderChat: (messages, { addGenerationPrompt = false } = {}) => {
      if (!template) throw noChatTemplate();
      return template.render(messages, { add_generation_prompt: addGenerationPrompt, ...specialTokens(files.config) });
    },
    chatTemplate: template,
    isSpecial: (id) => special.has(id),
    tokenText: (id) => inner.id_to_token(id),
    vocabularySize,
    bosId: idOf('bos_token'),
    eosId: idOf('eos_token'),
    padId: idOf('pad_token'),
    hash,
  };
}

/** Runs work that uses the patterns of a tokenizer's file. */
type Bound = <T>(work: () => T, letters: number) => T;

function build(files: TokenizerFiles): { readonly inner: TokenizersTokenizer; readonly hash: string } {
  refuseSingleWord(files.tokenizer);
  try {
    assertBounded(files.tokenizer);
    const inner = new TokenizersTokenizer(completed(files.tokenizer), files.config);
    correctDifferences(inner);
    const hash = createHash('sha256')
      .update(JSON.stringify([files.tokenizer, files.config]))
      .digest('hex');
    return { inner, hash };
  } catch (error) {
    if (error instanceof RankscopeError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new RankscopeError(
      {
        code: 'tokenizer',
        what: `the tokenizer cannot be built (${reason}).`,
        where: 'tokenizer.json',
        remedy: 'Check that tokenizer.json is whole and made by a current version of Transformers.',
      },
      { cause: error },
    );
  }
}

/** The package takes such a token inside words too, which would quietly give other ids. */
function refuseSingleWord(tokenizer: JsonObject): void {
  const added = Array.isArray(tokenizer.added_tokens) ? (tokenizer.added_tokens as readonly JsonObject[]) : [];
  const single = added.find((token) => token.single_word === true);
  if (single === undefined) return;
  throw new RankscopeError({
    code: 'tokenizer',
    what: `the added token ${String(single.content)} matches whole words only, which is not supported.`,
    where: 'tokenizer.json',
    remedy: 'Set its single_word to false if the texts do not need it.',
  });
}

/** The package demands keys that older files leave out. */
function completed(tokenizer: JsonObject): JsonObject {
  const absent = { normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null, added_tokens: [] };
  return { ...absent, ...tokenizer };
}

function encode(inner: TokenizersTokenizer, text: string, addSpecialTokens: boolean): number[] {
  const { ids } = inner.encode(text, { add_special_tokens: addSpecialTokens });
  checkIds(ids, (id) => Number.isInteger(id));
  return ids;
}

function checkIds(ids: readonly number[], valid: (id: number) => boolean): void {
  const wrong = ids.findIndex((id) => !valid(id));
  if (wrong < 0) return;
  throw new RankscopeError({
    code: 'tokenizer',
    what: `token ${String(ids[wrong])} at place ${wrong} is not in the vocabulary.`,
    remedy: 'The tokenizer does not belong to this model or data.',
  });
}

function modelType(tokenizer: JsonObject): unknown {
  return (tokenizer.model as JsonObject | undefined)?.type;
}

/** What a template may name, as Transformers gives it; bos and eos are empty where there are none. */
function specialTokens(config: JsonObject): Readonly<Record<string, string>> {
  const named = ['unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'].flatMap((name) => {
    const content = tokenContent(config[name]);
    return content === undefined ? [] : [[name, content] as const];
  });
  const [bos, eos] = [tokenContent(config.bos_token) ?? '', tokenContent(config.eos_token) ?? ''];
  return { ...Object.fromEntries(named), bos_token: bos, eos_token: eos };
}

/** A token stands in tokenizer_config.json as its text or as an object with its `content`. */
function tokenContent(value: unknown): string | undefined {
  const content = typeof value === 'object' && value !== null && 'content' in value ? value.content : value;
  return typeof content === 'string' ? content : undefined;
}
