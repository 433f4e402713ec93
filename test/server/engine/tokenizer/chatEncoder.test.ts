import assert from 'node:assert/strict';
import { ChatEncoder } from '../../../../server/engine/tokenizer/chatEncoder.ts';
import { createTokenizer } from '../../../../server/engine/tokenizer/tokenizer.ts';
import { assertChats, bases, templates, tokenizerOf } from './chatOracle.ts';

describe('ChatEncoder', () => {
  for (const template of templates) {
    it(`gives chats of ${template.name} the ids and labels of Transformers and TRL, or refuses them as these do`, () =>
      assertChats(template, 17));
  }

  it('knows the special token that a template ends answers with', () => {
    const ends = Object.fromEntries(
      templates.map((template) => {
        const tokenizer = tokenizerOf(template);
        const { turnEnd } = new ChatEncoder(tokenizer);
        return [template.name, turnEnd === undefined ? undefined : tokenizer.decode([turnEnd])];
      }),
    );
    assert.equal(ends.ChatML, '<|im_end|>');
    assert.equal(ends['Llama 3.1'], '<|eot_id|>');
    assert.equal(ends['Phi-3'], '<|end|>');
    assert.equal(ends.Mistral, '</s>');
    const without = createTokenizer({ tokenizer: bases[2]?.tokenizer ?? {}, config: {} });
    assert.equal(new ChatEncoder(without).turnEnd, undefined);
  });

  it('refuses a conversation without an answer', () => {
    const [template] = templates;
    assert.ok(template);
    const encoder = new ChatEncoder(tokenizerOf(template));
    assert.throws(() => encoder.conversation([{ role: 'user', content: 'Hi' }], 'all'), {
      code: 'data',
      message: /no answer of the assistant.*"Hi"/,
    });
  });

  it('counts an answer that its template opens otherwise than it writes it', () => {
    const source =
      '{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}{% if add_generation_prompt %}<assistant>think {% endif %}';
    const encoder = new ChatEncoder(createTokenizer({ tokenizer: bases[3]?.tokenizer ?? {}, config: {} }, source));
    const turns = [
      { role: 'user', content: 'the woman' },
      { role: 'assistant', content: 'worked' },
    ];
    assert.equal(encoder.conversation(turns, 'all').shiftedAnswers, 1);
  });
});
