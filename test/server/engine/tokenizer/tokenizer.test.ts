import assert from 'node:assert/strict';
import { createTokenizer } from '../../../../server/engine/tokenizer/tokenizer.ts';
import type { JsonObject, TokenizerFiles } from '../../../../server/engine/weights/checkpoint.ts';

/** Word-level enough to read: characters, three merges, two special tokens. */
const model = {
  type: 'BPE',
  vocab: { a: 0, b: 1, c: 2, Ġ: 3, ab: 4, abc: 5, Ġa: 6 },
  merges: ['a b', 'ab c', 'Ġ a'],
};
const special = (id: number, content: string): JsonObject => ({ id, content, special: true });
const files: TokenizerFiles = {
  tokenizer: {
    added_tokens: [special(7, '<s>'), special(8, '</s>')],
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, use_regex: true },
    decoder: { type: 'ByteLevel' },
    model,
  },
  config: { bos_token: '<s>', eos_token: { content: '</s>', lstrip: false } },
};
const template =
  '{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}';

describe('createTokenizer', () => {
  const tokenizer = createTokenizer(files);

  it('encodes and decodes, keys that tokenizer.json leaves out being taken as none', () => {
    assert.deepEqual(tokenizer.encode('abc abc</s>'), [5, 3, 5, 8]);
    assert.equal(tokenizer.decode([5, 3, 5, 8]), 'abc abc</s>');
    assert.equal(tokenizer.decode([7, 5, 8], { skipSpecialTokens: true }), 'abc');
  });

  it('encodes an empty text and decodes an empty list', () => {
    assert.deepEqual(tokenizer.encode(''), []);
    assert.equal(tokenizer.decode([]), '');
    assert.equal(tokenizer.decode([7], { skipSpecialTokens: true }), '');
  });

  it('drops what the vocabulary cannot spell before merging, as Rust tokenizers do', () => {
    assert.deepEqual(tokenizer.encode('axb'), [4]);
  });

  it('takes the special ids from texts and objects; a role without a token is undefined', () => {
    assert.deepEqual(
      [tokenizer.bosId, tokenizer.eosId, tokenizer.padId, tokenizer.vocabularySize],
      [7, 8, undefined, 9],
    );
  });

  it('does not clean up spaces for BPE, whatever the config says', () => {
    const config = { ...files.config, clean_up_tokenization_spaces: true };
    const vocab = { ...model.vocab, '.': 9 };
    const dotted = createTokenizer({ config, tokenizer: { ...files.tokenizer, model: { ...model, vocab } } });
    assert.equal(dotted.decode(dotted.encode('a .')), 'a .');
  });

  it('refuses an id outside the vocabulary, naming it and its place', () => {
    assert.throws(() => tokenizer.decode([0, 99]), { code: 'tokenizer', message: /token 99 at place 1 / });
    assert.throws(() => tokenizer.decode([-1]), { code: 'tokenizer' });
  });

  it('refuses files of an unknown kind', () => {
    const broken = { ...files, tokenizer: { ...files.tokenizer, decoder: { type: 'Rot13' } } };
    assert.throws(() => createTokenizer(broken), { code: 'tokenizer', message: /Rot13/ });
    assert.throws(() => createTokenizer({ tokenizer: {}, config: {} }), { code: 'tokenizer' });
  });

  it('refuses tokens that match whole words only, as they would be found inside words', () => {
    const added = [{ id: 7, content: 'abc', single_word: true }];
    const single = { ...files, tokenizer: { ...files.tokenizer, added_tokens: added } };
    assert.throws(() => createTokenizer(single), {
      code: 'tokenizer',
      message: /added token abc matches whole words only/,
    });
  });

  it('hashes what determines its ids', () => {
    assert.match(tokenizer.hash, /^[0-9a-f]{64}$/);
    assert.equal(createTokenizer(structuredClone(files)).hash, tokenizer.hash);
    const other = { ...files, tokenizer: { ...files.tokenizer, model: { ...model, merges: ['a b'] } } };
    assert.notEqual(createTokenizer(other).hash, tokenizer.hash);
  });

  it('renders the chat template given', () => {
    const messages = [{ role: 'user', content: 'Hi' }];
    assert.equal(createTokenizer(files, template).renderChat(messages).text, 'user: Hi\n');
    const withStart = createTokenizer(files, template + '{{ bos_token }}');
    assert.equal(withStart.renderChat(messages, { addGenerationPrompt: true }).text, 'user: Hi\nassistant:<s>');
  });

  it('says that there is no chat template, and what a template objects to', () => {
    assert.throws(() => tokenizer.renderChat([]), { code: 'tokenizer', message: /no chat template/ });
    const strict = createTokenizer(files, "{{ raise_exception('roles must alternate') }}");
    assert.throws(() => strict.renderChat([]), { code: 'tokenizer', message: /roles must alternate/ });
  });

  it('ends a template that loops on and on, or counts too far, and counts as Jinja does', () => {
    const loop = '{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}';
    assert.throws(() => createTokenizer(files, loop).renderChat([]), {
      code: 'tokenizer',
      message: /timed out/,
    });
    const counted = (source: string) => createTokenizer(files, `{% for i in ${source} %}{{ i }},{% endfor %}`);
    assert.throws(() => counted('range(1000000000)').renderChat([]), { message: /more than 100000 numbers/ });
    const texts = ['range(3)', 'range(2, 5)', 'range(5, 0, -2)', 'range(0)'].map(
      (source) => counted(source).renderChat([]).text,
    );
    assert.deepEqual(texts, ['0,1,2,', '2,3,4,', '5,3,1,', '']);
    assert.equal(createTokenizer(files, '\n{{ range(2)|length }}').renderChat([]).text, '\n2');
    assert.equal(createTokenizer(files, '\n2').renderChat([]).text, '\n2');
  });

  it('encodes 10,000 short texts in a few seconds of the processor', () => {
    const started = process.cpuUsage();
    for (let i = 0; i < 10_000; i++) tokenizer.encode(`ab c${i % 7 === 0 ? 'abc' : 'cba'} abcabc a`.repeat(3));
    assert.ok(process.cpuUsage(started).user < 15e6);
  });
});
