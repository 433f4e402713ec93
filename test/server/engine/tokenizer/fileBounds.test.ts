import assert from 'node:assert/strict';
import { createTokenizer } from '../../../../server/engine/tokenizer/tokenizer.ts';
import type { JsonObject } from '../../../../server/engine/weights/checkpoint.ts';

const model = { type: 'BPE', vocab: { a: 0, b: 1, c: 2 }, merges: [] };
const build = (over: JsonObject) => createTokenizer({ tokenizer: { model, ...over }, config: {} });
const added = (id: unknown) => ({ added_tokens: [{ id, content: '<x>' }] });
const split = (source: string) => ({ type: 'Split', pattern: { Regex: source }, behavior: 'Isolated' });
const replace = (source: string) => ({ type: 'Replace', pattern: { Regex: source }, content: 'c' });

/** A pattern that takes 2^200 steps on what `hostile` is. */
const endless = '^(a+)+$';
const hostile = `${'a'.repeat(200)}b`;

describe('a tokenizer.json that would keep its reader at work', () => {
  for (const id of [2 ** 22, 4e9, 2 ** 53, -1, 0.5, '7', null]) {
    it(`is refused with an added token of the id ${JSON.stringify(id)}, by name`, () => {
      assert.throws(() => build(added(id)), { code: 'tokenizer', message: /the id of its token "<x>" is/ });
    });

    it(`is refused with a token of the vocabulary of the id ${JSON.stringify(id)}, by name`, () => {
      const vocab = { ...model.vocab, far: id };
      assert.throws(() => build({ model: { ...model, vocab } }), { message: /the id of its token "far" is/ });
    });
  }

  it('may leave ids out', () => {
    assert.deepEqual(build(added(60_000)).encode('a<x>'), [0, 60_000]);
  });

  const steps: Readonly<Record<string, JsonObject>> = {
    'pre-tokenizer': { pre_tokenizer: split(endless) },
    'sequence of pre-tokenizers': { pre_tokenizer: { type: 'Sequence', pretokenizers: [split(endless)] } },
    normalizer: { normalizer: replace(endless) },
    'sequence of normalizers': { normalizer: { type: 'Sequence', normalizers: [replace(endless)] } },
  };
  for (const [name, step] of Object.entries(steps)) {
    it(`has a pattern without end in its ${name} refused on the text, and reads others`, () => {
      const tokenizer = build(step);
      assert.deepEqual(tokenizer.encode('cab'), [2, 0, 1]);
      const message = /a pattern of it does not come to an end on a text/;
      assert.throws(() => tokenizer.encode(hostile), { code: 'tokenizer', message });
    });
  }

  it('has a pattern without end in its decoder refused', () => {
    const vocab = { ...model.vocab, [hostile]: 3 };
    const tokenizer = build({ model: { ...model, vocab }, decoder: replace(endless) });
    assert.equal(tokenizer.decode([1]), 'b');
    assert.throws(() => tokenizer.decode([3]), { code: 'tokenizer', message: /does not come to an end/ });
  });

  it('is refused with steps of no length, and with words that take their square', () => {
    for (const length of [0, -1, 0.5, '1', null]) {
      const pre = { type: 'Sequence', pretokenizers: [{ type: 'FixedLength', length }] };
      assert.throws(() => build({ pre_tokenizer: pre }), { code: 'tokenizer', message: /FixedLength/ });
    }
    const vocab = { '[UNK]': 0, a: 1 };
    const words = { type: 'WordPiece', vocab, unk_token: '[UNK]', max_input_chars_per_word: 1e9 };
    assert.throws(() => build({ model: words }), { code: 'tokenizer', message: /max_input_chars_per_word/ });
  });

  it('is refused where it is nested without end, wherever that is', () => {
    const nested = (): unknown => {
      let inner: unknown = [];
      for (let depth = 0; depth < 100_000; depth++) inner = [inner];
      return inner;
    };
    for (const key of ['normalizer', 'pre_tokenizer', 'decoder', 'unread']) {
      assert.throws(() => build({ [key]: nested() }), { code: 'tokenizer' }, key);
    }
  });
});
