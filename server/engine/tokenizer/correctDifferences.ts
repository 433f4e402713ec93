import {
  BPE,
  ByteFallbackDecoder,
  ByteLevelPreTokenizer,
  DigitsPreTokenizer,
  SequenceDecoder,
  SequencePreTokenizer,
  type Decoder,
  type PreTokenizer,
  type Tokenizer,
} from '@huggingface/tokenizers';

/**
 * GPT-2's split pattern with the meaning it has in Rust tokenizers, where `\s` is Unicode's White_Space. JavaScript's
 * `\s`, which the package uses, takes the byte order mark U+FEFF for a space and U+0085 for none.
 */
const BYTE_LEVEL =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/**
 * Puts right what @huggingface/tokenizers 0.2.0 does otherwise than Rust tokenizers:
 * - ByteLevel's pattern (above), and Digits', whose `\d` knows 0 to 9 only, where Rust's `char::is_numeric` is all of \p{N};
 * - BPE without an unknown token: a character outside the vocabulary is dropped after merging, which keeps its neighbours
 *   apart, where Rust drops it before. SmolLM2's vocabulary has no letter for six control characters (0x04, 0x06, ...);
 * - ByteFallback's decoder loses a leading byte order mark, and makes one replacement character of bytes that are no
 *   UTF-8, where Rust makes one of each.
 */
export function correctDifferences(tokenizer: Tokenizer): void {
  correctPatterns(tokenizer.pre_tokenizer);
  if (tokenizer.model instanceof BPE) dropUnknownFirst(tokenizer.model);
  correctDecoder(tokenizer.decoder);
}

function correctPatterns(step: PreTokenizer | null): void {
  if (step instanceof SequencePreTokenizer) step.tokenizers.forEach(correctPatterns);
  if (step instanceof ByteLevelPreTokenizer) step.pattern = BYTE_LEVEL;
  if (step instanceof DigitsPreTokenizer) {
    step.pattern = step.config.individual_digits ? /\P{N}+|\p{N}/gu : /\P{N}+|\p{N}+/gu;
  }
}

function dropUnknownFirst(model: BPE): void {
  const affixed = Boolean(model.end_of_word_suffix) || Boolean(model.continuing_subword_suffix);
  const hasUnknown = typeof model.unk_token === 'string';
  // With affixes the vocabulary spells single characters otherwise; with an unknown token or byte fallback none is dropped.
  if (affixed || hasUnknown || model.byte_fallback) return;
  const encode = model.encode.bind(model);
  const known = (character: string): boolean => model.tokens_to_ids.has(character);
  model.encode = (tokens) => encode(tokens.map((token) => keep(token, known)));
}

/** `token` without the characters that are not `known`; the same string where all are, which is the rule. */
function keep(token: string, known: (character: string) => boolean): string {
  for (const character of token) {
    if (!known(character)) return Array.from(token).filter(known).join('');
  }
  return token;
}

function correctDecoder(decoder: Decoder | null): void {
  if (decoder instanceof SequenceDecoder) decoder.decoders.forEach(correctDecoder);
  if (decoder instanceof ByteFallbackDecoder)
    decoder.text_decoder = new WholeDecoder('utf-8', { fatal: true, ignoreBOM: true });
}

/** Decodes bytes that are UTF-8 as a whole, and gives a replacement character for each where they are not. */
class WholeDecoder extends TextDecoder {
  override decode(bytes: Uint8Array): string {
    try {
      return super.decode(bytes);
    } catch {
      return '\ufffd'.repeat(bytes.length);
    }
  }
}
