import { RankscopeError } from '../../protocol/errors.ts';
import type { JsonObject, TokenizerFiles } from '../weights/checkpoint.ts';

/** What a folder without a tokenizer.json may hold instead, each as its text. */
export interface VocabularyFiles {
  /** WordPiece: a token a line. */
  readonly vocabulary?: string | undefined;
  /** Byte-level BPE: vocab.json, and merges.txt with a pair a line. */
  readonly bytePairs?: { readonly vocabulary: JsonObject; readonly merges: string } | undefined;
  /** tokenizer_config.json, or {}. */
  readonly config: JsonObject;
}

/**
 * The tokenizer.json that Transformers makes of older files: of vocab.txt BERT's WordPiece, of vocab.json and merges.txt
 * GPT-2's byte-level BPE, with the tokens around a text that RoBERTa and OPT add. Undefined where there are no such files.
 * Throws RankscopeError('tokenizer') where the vocabulary lacks a token that it needs.
 */
export function tokenizerFromVocabulary({
  vocabulary,
  bytePairs,
  config,
}: VocabularyFiles): TokenizerFiles | undefined {
  if (vocabulary !== undefined) return wordPiece(vocabulary, config);
  return bytePairs && byteLevel(bytePairs.vocabulary, bytePairs.merges, config);
}

/** Roles of special tokens, with their defaults. */
type Roles = Readonly<Record<string, string>>;

const BERT: Roles = {
  unk_token: '[UNK]',
  sep_token: '[SEP]',
  pad_token: '[PAD]',
  cls_token: '[CLS]',
  mask_token: '[MASK]',
};
const GPT2: Roles = { unk_token: '<|endoftext|>', bos_token: '<|endoftext|>', eos_token: '<|endoftext|>' };
const ROBERTA: Roles = {
  unk_token: '<unk>',
  bos_token: '<s>',
  eos_token: '</s>',
  sep_token: '</s>',
  cls_token: '<s>',
  pad_token: '<pad>',
  mask_token: '<mask>',
};

function wordPiece(text: string, config: JsonObject): TokenizerFiles {
  const lines = text.split(/\r?\n/);
  if (lines.at(-1) === '') lines.pop();
  const vocab = Object.fromEntries(lines.map((token, id) => [token, id]));
  const roles = rolesOf(BERT, config);
  const lowercase = config.do_lower_case ?? true;
  const tokenizer = {
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: config.tokenize_chinese_chars ?? true,
      strip_accents: config.strip_accents ?? null,
      lowercase,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: roles.unk_token,
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab,
    },
  };
  return files(tokenizer, config, { vocab, roles, before: 'cls_token', after: 'sep_token', file: 'vocab.txt' });
}

function byteLevel(vocab: JsonObject, merges: string, config: JsonObject): TokenizerFiles {
  const isRoberta = /^(XLM)?Roberta/.test(String(config.tokenizer_class)) || config.model_type === 'roberta';
  const roles = rolesOf(isRoberta ? ROBERTA : GPT2, config);
  const prefix = config.add_prefix_space ?? false;
  const tokenizer = {
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: prefix, trim_offsets: true, use_regex: true },
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: { type: 'BPE', vocab, merges: mergeLines(merges), fuse_unk: false, byte_fallback: false },
  };
  const around = isRoberta
    ? { before: 'cls_token', after: 'sep_token' }
    : config.add_bos_token === true
      ? { before: 'bos_token' }
      : {};
  return files(tokenizer, config, { vocab, roles, ...around, file: 'vocab.json' });
}

/** The first line may tell the version. */
function mergeLines(text: string): readonly string[] {
  return text.split(/\r?\n/).filter((line, i) => line !== '' && !(i === 0 && line.startsWith('#version')));
}

/** A role's token stands in the configuration as its text or as an object with its `content`. */
function rolesOf(defaults: Roles, config: JsonObject): Roles {
  const content = (value: unknown): unknown =>
    typeof value === 'object' && value !== null && 'content' in value ? value.content : value;
  const named = Object.keys({ ...ROBERTA, ...defaults }).flatMap((role) => {
    const token = content(config[role]);
    return typeof token === 'string' ? [[role, token] as const] : [];
  });
  return { ...defaults, ...Object.fromEntries(named) };
}

interface Around {
  readonly vocab: JsonObject;
  readonly roles: Roles;
  /** Roles of the tokens before and after a text. */
  readonly before?: string;
  readonly after?: string;
  readonly file: string;
}

function files(tokenizer: JsonObject, config: JsonObject, { vocab, roles, before, after, file }: Around) {
  const special = [...new Set(Object.values(roles))].filter((token) => Object.hasOwn(vocab, token));
  const placed = (role: string | undefined): readonly string[] => {
    if (role === undefined) return [];
    const token = roles[role];
    if (token !== undefined && Object.hasOwn(vocab, token)) return [token];
    throw new RankscopeError({
      code: 'tokenizer',
      where: file,
      what: `the vocabulary has no ${JSON.stringify(token ?? role)}, which stands around every text.`,
      remedy: 'Name the special tokens in tokenizer_config.json, or save the tokenizer as tokenizer.json.',
    });
  };
  return {
    tokenizer: {
      version: '1.0',
      added_tokens: special.map((content) => addedToken(content, Number(vocab[content]), content === roles.mask_token)),
      post_processor: template(placed(before), placed(after), vocab),
      ...tokenizer,
    },
    config: { ...roles, ...config },
  };
}

/** A mask takes the space before it, as in Transformers. */
const addedToken = (content: string, id: number, isMask: boolean): JsonObject => ({
  id,
  content,
  special: true,
  single_word: false,
  lstrip: isMask && content === '<mask>',
  rstrip: false,
  normalized: false,
});

function template(before: readonly string[], after: readonly string[], vocab: JsonObject): JsonObject | null {
  if (before.length + after.length === 0) return null;
  const token = (id: string, type: number): JsonObject => ({ SpecialToken: { id, type_id: type } });
  const text = (id: string, type: number): JsonObject => ({ Sequence: { id, type_id: type } });
  const first = [...before.map((id) => token(id, 0)), text('A', 0), ...after.map((id) => token(id, 0))];
  return {
    type: 'TemplateProcessing',
    single: first,
    pair: [...first, text('B', 1), ...after.map((id) => token(id, 1))],
    special_tokens: Object.fromEntries(
      [...before, ...after].map((id) => [id, { id, ids: [Number(vocab[id])], tokens: [id] }]),
    ),
  };
}
