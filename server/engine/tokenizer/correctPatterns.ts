import {
  ByteLevelPreTokenizer,
  DigitsPreTokenizer,
  SequencePreTokenizer,
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
 * Puts right two patterns of @huggingface/tokenizers 0.2.0 that differ from Rust tokenizers: ByteLevel's (above), and
 * Digits', whose `\d` knows 0 to 9 only, where Rust's `char::is_numeric` is all of \p{N}.
 */
export function correctPatterns(tokenizer: Tokenizer): void {
  correct(tokenizer.pre_tokenizer);
}

function correct(step: PreTokenizer | null): void {
  if (step instanceof SequencePreTokenizer) step.tokenizers.forEach(correct);
  if (step instanceof ByteLevelPreTokenizer) step.pattern = BYTE_LEVEL;
  if (step instanceof DigitsPreTokenizer) {
    step.pattern = step.config.individual_digits ? /\P{N}+|\p{N}/gu : /\P{N}+|\p{N}+/gu;
  }
}
