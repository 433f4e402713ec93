import assert from 'node:assert/strict';
import { endOfText } from '../../../../server/engine/tokenizer/endOfText.ts';
import { PromptEncoder } from '../../../../server/engine/tokenizer/promptEncoder.ts';
import { createTokenizer } from '../../../../server/engine/tokenizer/tokenizer.ts';
import type { JsonObject } from '../../../../server/engine/weights/checkpoint.ts';

const special = (id: number, content: string): JsonObject => ({ id, content, special: true });
const bounds = { vocabularySize: 9, maxPositions: 6, endToken: 8 };
const all = { appendEos: false };

/** The tokens of a pair, and where its completion begins. */
function divided(
  encoder: PromptEncoder,
  pair: { prompt: string; completion: string },
  { appendEos }: { appendEos: boolean },
) {
  const { prompt, completion, beginsInside } = encoder.pair(pair, appendEos);
  return { ids: [...prompt, ...completion], firstLabel: prompt.length, beginsInside };
}

/** a 0, b 1, c 2, Ġ 3, ab 4, abc 5, Ġa 6, <s> 7, </s> 8; `start` before every text if asked. */
function tokenizerWith({ start }: { readonly start: boolean }) {
  const piece = { Sequence: { id: 'A', type_id: 0 } };
  const before = { SpecialToken: { id: '<s>', type_id: 0 } };
  const postProcessor = {
    type: 'TemplateProcessing',
    single: [before, piece],
    pair: [before, piece, { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: { '<s>': { id: '<s>', ids: [7], tokens: ['<s>'] } },
  };
  return createTokenizer({
    tokenizer: {
      added_tokens: [special(7, '<s>'), special(8, '</s>')],
      pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
      decoder: { type: 'ByteLevel' },
      model: {
        type: 'BPE',
        vocab: { a: 0, b: 1, c: 2, Ġ: 3, ab: 4, abc: 5, Ġa: 6 },
        merges: ['a b', 'ab c', 'Ġ a'],
      },
      ...(start && { post_processor: postProcessor }),
    },
    config: { bos_token: '<s>', eos_token: '</s>' },
  });
}

describe('PromptEncoder', () => {
  const plain = new PromptEncoder(tokenizerWith({ start: false }), bounds);
  const started = new PromptEncoder(tokenizerWith({ start: true }), bounds);

  it('begins a prompt as the tokenizer does, and an empty one with the start token', () => {
    assert.deepEqual(plain.prompt('abc'), [5]);
    assert.deepEqual(started.prompt('abc'), [7, 5]);
    assert.deepEqual(plain.prompt(''), [7]);
    assert.deepEqual(started.prompt(''), [7]);
  });

  it('puts no second start token before a text that brings one', () => {
    assert.deepEqual(started.prompt('<s>abc'), [7, 5]);
    assert.deepEqual(divided(started, { prompt: '<s>ab', completion: ' a' }, all).ids, [7, 4, 6]);
    assert.deepEqual(plain.prompt('<s>abc'), [7, 5]);
  });

  it('divides a pair where its completion begins', () => {
    assert.deepEqual(divided(started, { prompt: 'abc', completion: ' ab' }, all), {
      ids: [7, 5, 3, 4],
      firstLabel: 2,
      beginsInside: false,
    });
    assert.deepEqual(divided(plain, { prompt: 'abc', completion: ' a' }, { ...all, appendEos: true }), {
      ids: [5, 6, 8],
      firstLabel: 1,
      beginsInside: false,
    });
  });

  it('begins a pair without a prompt as it begins an empty prompt', () => {
    assert.deepEqual(divided(plain, { prompt: '', completion: 'abc' }, all).ids, [7, 5]);
    assert.deepEqual(divided(started, { prompt: '', completion: 'abc' }, all).ids, [7, 5]);
    assert.equal(divided(started, { prompt: '', completion: 'abc' }, all).firstLabel, 1);
  });

  it('counts a token that the completion begins inside of as its first, and says so', () => {
    // The space at the end of the prompt goes into the token of the letter behind it.
    assert.deepEqual(divided(started, { prompt: 'abc ', completion: 'a' }, all), {
      ids: [7, 5, 6],
      firstLabel: 2,
      beginsInside: true,
    });
    assert.equal(divided(started, { prompt: 'abc ', completion: 'ab' }, all).beginsInside, false);
    assert.deepEqual(divided(plain, { prompt: 'cab', completion: 'c' }, all), {
      ids: [2, 5],
      firstLabel: 1,
      beginsInside: true,
    });
  });

  it('finds a prompt that is too long by itself or with what is to follow, whose last token is not read', () => {
    assert.deepEqual(plain.prompt('abcabcabc', 4), [5, 5, 5]);
    assert.throws(() => plain.prompt('abcabcabc', 5), { code: 'data', message: /3 tokens and 5 new.* reads 6/ });
    assert.throws(() => plain.prompt('abc'.repeat(7)), { code: 'data', message: /7 tokens; the model reads 6/ });
  });

  it('names a token beyond the embedding', () => {
    const small = new PromptEncoder(tokenizerWith({ start: false }), { ...bounds, vocabularySize: 8 });
    assert.throws(() => small.prompt('abc</s>'), { code: 'data', message: /Token 8 \("<\/s>"\) is beyond the 8 rows/ });
    assert.throws(() => divided(small, { prompt: 'abc', completion: ' a' }, { ...all, appendEos: true }), /Token 8/);
  });

  it('refuses to append an end that the model does not name', () => {
    const endless = new PromptEncoder(tokenizerWith({ start: false }), { ...bounds, endToken: undefined });
    const pair = { prompt: 'abc', completion: ' a' };
    assert.throws(() => divided(endless, pair, { ...all, appendEos: true }), { code: 'config', message: /appendEos/ });
    assert.deepEqual(divided(endless, pair, all).ids, [5, 6]);
  });
});

describe('endOfText', () => {
  const path = 'here';
  it('takes every id that any of the files names, the own of the tokenizer first', () => {
    const config = { eos_token_id: 5 };
    const end = endOfText({ path, config, generation: { eos_token_id: [2, 3] } }, { eosId: 1 });
    assert.deepEqual([...end.tokens], [1, 2, 3, 5]);
    assert.equal(end.appended, 1);
  });

  it('appends what the generation configuration names where the tokenizer names none', () => {
    const generation = { eos_token_id: [2, 3] };
    assert.equal(endOfText({ path, config: { eos_token_id: 5 }, generation }, { eosId: undefined }).appended, 2);
    assert.equal(endOfText({ path, config: { eos_token_id: 5 } }, { eosId: undefined }).appended, 5);
  });

  it('is nowhere where nothing names it, and refuses what is no id', () => {
    assert.deepEqual(endOfText({ path, config: {} }, { eosId: undefined }), { tokens: new Set(), appended: undefined });
    assert.throws(() => endOfText({ path, config: { eos_token_id: 'x' } }, { eosId: 1 }), /"eos_token_id" of config/);
  });
});
