import assert from 'node:assert/strict';
import { escapeMarkup } from '../../../../server/measures/text/escapeMarkup.ts';
import { markdownTable, markdownText } from '../../../../server/measures/text/markdown.ts';
import { printable, printableLines } from '../../../../server/measures/text/printable.ts';

describe('untrusted text in Markdown', () => {
  it('begins no list and no heading underline', () => {
    assert.deepEqual(['- a', '+ a', '-', '---', '=', '===', '  - a', '-1', '+1', 'a - b'].map(markdownText), [
      '\\- a',
      '\\+ a',
      '\\-',
      '\\---',
      '\\=',
      '\\===',
      '  \\- a',
      '-1',
      '+1',
      'a - b',
    ]);
    assert.deepEqual(['1. a', '12) a', '1.', ' 3. a', '1.5', '1.a', 'a 1. b'].map(markdownText), [
      '1\\. a',
      '12\\) a',
      '1\\.',
      ' 3\\. a',
      '1.5',
      '1.a',
      'a 1. b',
    ]);
  });

  it('is no markup, HTML, link or mention', () => {
    assert.equal(markdownText('a & <b>'), 'a &amp; &lt;b&gt;');
    assert.equal(markdownText('\\ ` * _ [x] | ~ # ! $'), '\\\\ \\` \\* \\_ \\[x\\] \\| \\~ \\# \\! \\$');
    assert.equal(markdownText('http://a.b WWW.c.d me@e.f'), 'http&#58;//a.b WWW&#46;c.d me&#64;e.f');
  });

  it('stays within its cell, and a row that lacks cells has empty ones', () => {
    const table = markdownTable({ header: ['a', 'b'], rows: [['- x', '1. y'], ['z'], ['1', '2', '3']] });
    assert.equal(table, '| a | b |\n| --- | --- |\n| - x | 1. y |\n| z |  |\n| 1 | 2 |');
  });
});

describe('text made safe to look at', () => {
  it('shows controls and marks of direction as escapes', () => {
    assert.equal(
      printableLines('a\u0000\u001b[31m\u007f\u009f\u061c\u200e\u202a\u202e\u2066\u2069'),
      'a\\u{0}\\u{1b}[31m\\u{7f}\\u{9f}\\u{61c}\\u{200e}\\u{202a}\\u{202e}\\u{2066}\\u{2069}',
    );
  });

  it('keeps line breaks and tabs, or is one line where it has to be', () => {
    assert.equal(printableLines('a\r\nb\tc'), 'a\r\nb\tc');
    assert.equal(printable('a\r\n\nb\tc'), 'a ⏎ b\tc');
  });

  it('is text and no markup in a page or a figure', () => {
    assert.equal(escapeMarkup(`<a href="x">&'`), '&lt;a href=&quot;x&quot;&gt;&amp;&#39;');
  });
});
