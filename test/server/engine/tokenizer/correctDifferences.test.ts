import assert from 'node:assert/strict';
import { BYTE_ALPHABET } from '../../../../server/engine/tokenizer/byteAlphabet.ts';
import { createTokenizer } from '../../../../server/engine/tokenizer/tokenizer.ts';
import type { JsonObject } from '../../../../server/engine/weights/checkpoint.ts';

/** The pieces that a pre-tokenizer makes, seen through a vocabulary that merges every byte pair it meets. */
function pieces(preTokenizer: JsonObject, text: string, merges: string[]): string[] {
  const vocab = Object.fromEntries(
    [...BYTE_ALPHABET, ...merges.map((m) => m.replace(' ', ''))].map((t, id) => [t, id]),
  );
  const tokenizer = createTokenizer({
    config: {},
    tokenizer: {
      pre_tokenizer: preTokenizer,
      decoder: { type: 'ByteLevel' },
      model: { type: 'BPE', vocab, merges },
    },
  });
  return tokenizer.encode(text).map((id) => tokenizer.decode([id]));
}

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, use_regex: true };
const digits = (individual: boolean): JsonObject => ({
  type: 'Sequence',
  pretokenizers: [
    { type: 'Digits', individual_digits: individual },
    { ...byteLevel, use_regex: false },
  ],
});

describe('differences from Rust tokenizers put right', () => {
  it('takes the byte order mark for no space, so that it joins punctuation', () => {
    // U+FEFF ends in byte BF, spelled ¿: it stays in one piece with the ! that follows.
    assert.deepEqual(pieces(byteLevel, '\ufeff!', ['¿ !']).at(-1), '\ufffd!');
  });

  it('takes U+0085 for a space, so that it joins no punctuation', () => {
    assert.deepEqual(pieces(byteLevel, '\u0085!', ['ħ !']).at(-1), '!');
  });

  it('splits digits of every script apart', () => {
    assert.deepEqual(pieces(digits(false), 'a1', ['a 1']), ['a', '1']);
    assert.deepEqual(pieces(digits(false), '12', ['1 2']), ['12']);
    assert.deepEqual(pieces(digits(true), '12', ['1 2']), ['1', '2']);
    // ² is the bytes C2 B2: with a as its neighbour it would join in one piece.
    assert.deepEqual(pieces(digits(true), '²a', ['² a']).at(-1), 'a');
  });
});
