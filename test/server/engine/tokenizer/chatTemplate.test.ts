import assert from 'node:assert/strict';
import { ChatTemplate } from '../../../../server/engine/tokenizer/chatTemplate.ts';

const chat = [
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: 'Yes.' },
];

describe('ChatTemplate', () => {
  it('says which stretches it marks as the assistant’s, with the white space that stands beside the marks', () => {
    const template = new ChatTemplate(
      "{% for m in messages %}\n<{{ m.role }}>{% if m.role == 'assistant' %}\n" +
        '{% generation %}\n  {{- m.content }}!\n{%- endgeneration %}\n{% endif %}\n{% endfor %}\n.',
    );
    const { text, generated } = template.render([...chat, ...chat], {});
    assert.equal(text, '<user><assistant>Yes.!<user><assistant>Yes.!.');
    assert.deepEqual(
      generated.map(({ start, end }) => text.slice(start, end)),
      ['Yes.!', 'Yes.!'],
    );
    assert.ok(template.marksAnswers);
    assert.ok(!new ChatTemplate('{{ generation }}').marksAnswers);
  });

  it('marks rightly what holds the characters of marks itself', () => {
    const template = new ChatTemplate(
      '{% for m in messages %}{% generation %}{{ m.content }}{% endgeneration %};{% endfor %}',
    );
    const { text, generated } = template.render([{ role: 'assistant', content: 'a\uE000b\uE001' }], {});
    assert.equal(text, 'a\uE000b\uE001;');
    assert.deepEqual(generated, [{ start: 0, end: 4 }]);
  });

  it('gives templates the same date on every day, and names a part of a date that it does not know', () => {
    const dated = (format: string) => new ChatTemplate(`{{ strftime_now('${format}') }}`).render([], {}).text;
    assert.equal(dated('%d %b %Y'), '26 Jul 2024');
    assert.equal(dated('%B %-d, %Y (%A) %%'), 'July 26, 2024 (Friday) %');
    assert.throws(() => dated('%Q'), { code: 'tokenizer', message: /unknown directive %Q/ });
  });

  it('strips the characters that a template names, and white space where it names none', () => {
    const source =
      "{{ m.strip('ab') }}|{{ m.lstrip('ab') }}|{{ m.rstrip('ab') }}|{{ (' ' + m + '\\n ').strip() }}|{{ 'aa'.strip('a') }}";
    const template = new ChatTemplate(
      `{% for message in messages %}{% set m = message.content %}${source}{% endfor %}`,
    );
    const { text } = template.render([{ role: 'user', content: 'ab xa b' }], {});
    assert.equal(text, ' xa |' + ' xa b|' + 'ab xa |' + 'ab xa b|');
  });

  it('has tools and documents that are none, as Transformers gives them', () => {
    const source = '{% if tools is defined and tools is none and documents is none %}none{% else %}some{% endif %}';
    assert.equal(new ChatTemplate(source).render([], {}).text, 'none');
  });
});
