import { RankscopeError } from '../../protocol/errors.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/**
 * A text as the tokens of a sequence: the tokenizer's own at either end (`[CLS]` and `[SEP]`), the text between cut at its
 * end to fit. Throws RankscopeError('tokenizer') where the tokenizer puts nothing before a text: the class is read there.
 */
export function encodeText(tokenizer: Tokenizer, text: string, maxLength: number): readonly number[] {
  const whole = tokenizer.encode(text, { addSpecialTokens: true });
  const around = tokenizer.encode('', { addSpecialTokens: true });
  if (around.length === 0) {
    throw new RankscopeError({
      code: 'tokenizer',
      what: 'The tokenizer puts no token before a text, from which its class could be read.',
      remedy: 'Use the tokenizer.json that was made for this encoder, with its post-processor.',
    });
  }
  if (whole.length <= maxLength) return whole;
  // What stands behind a text is what stands behind nothing, as far as both agree from the end.
  const before = around.findIndex((id, i) => id !== whole[i]);
  const after = before < 0 ? 0 : around.length - before;
  return [...whole.slice(0, maxLength - after), ...whole.slice(whole.length - after)];
}
