import { RankscopeError } from '../../protocol/errors.ts';

const LLAMA3 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}" +
  '| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';

const QWEN2 =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" +
  '| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';

/** Patterns that are known to pass over any text in steps that grow with its length alone. */
export const plainPatterns: ReadonlySet<string> = new Set([LLAMA3, QWEN2]);

/** `tokenizer.ggml.pre` to the pattern that text is split by before merging; null is GPT-2's own, which ByteLevel has. */
const PATTERNS: Readonly<Record<string, string | null>> = {
  default: null,
  'gpt-2': null,
  'phi-2': null,
  'roberta-bpe': null,
  mpt: null,
  olmo: null,
  jais: null,
  // These split digits apart too, which Transformers does not do when it reads a GGUF. Their vocabularies join no
  // digits, so the ids differ only where two or more spaces stand before a digit. We give Transformers' ids.
  smollm: null,
  starcoder: null,
  refact: null,
  'command-r': null,
  'llama-bpe': LLAMA3,
  llama3: LLAMA3,
  'llama-v3': LLAMA3,
  dbrx: LLAMA3,
  'smaug-bpe': LLAMA3,
  falcon3: LLAMA3,
  qwen2: QWEN2,
  'deepseek-r1-qwen': QWEN2,
};

/**
 * The split pattern (Oniguruma) of a pre-tokenizer named by `tokenizer.ggml.pre`; undefined for GPT-2's.
 * Throws RankscopeError('tokenizer') on an unknown name: another pattern would quietly give other ids.
 */
export function splitPattern(name = 'default'): string | undefined {
  const pattern = Object.hasOwn(PATTERNS, name) ? PATTERNS[name] : undefined;
  if (pattern !== undefined) return pattern ?? undefined;
  throw new RankscopeError({
    code: 'tokenizer',
    what: `the pre-tokenizer ${name} is not known.`,
    where: 'tokenizer.ggml.pre',
    remedy: `Known are ${Object.keys(PATTERNS).join(', ')}; use the model's Hugging Face folder with tokenizer.json instead.`,
  });
}
