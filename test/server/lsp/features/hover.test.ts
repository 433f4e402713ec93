import assert from 'node:assert/strict';
import type { MarkupContent } from 'vscode-languageserver';
import { escapeMarkdown } from '../../../../server/lsp/features/markdown.ts';
import { hover } from '../../../../server/lsp/features/hover.ts';
import { type Given, judged, place } from './judged.ts';

/** `$` marks the cursor. The expected paragraphs are plain text unless `markdown` is set. */
async function check(marked: string, expected: readonly string[], given: Given & { markdown?: boolean } = {}) {
  const offset = marked.indexOf('$');
  const document = await judged(marked.replace('$', ''), given);
  const found = hover(document, document.text.positionAt(offset), { markdown: given.markdown ?? false });
  const contents = found?.contents as MarkupContent | undefined;
  assert.deepEqual(contents?.value.split('\n\n') ?? [], expected);
  assert.equal(contents?.kind ?? 'none', expected.length === 0 ? 'none' : given.markdown ? 'markdown' : 'plaintext');
}

describe('hover', () => {
  it('tells decision, score, judge, threshold, categories and words', () =>
    check('{"text":"fie, $you zounds"}', [
      'Toxic: 0.98 by lexicon(extra), threshold 0.50.',
      '- threat: 0.95\n- insult: 0.60',
      'Words: “fie” (threat), “zounds” (insult)',
    ]));

  it('tells the label in force and all that was said, latest first', () =>
    check(
      'zou$nds',
      [
        'Toxic: 0.60 by lexicon(extra), threshold 0.50.',
        '- insult: 0.60',
        'Words: “zounds” (insult)',
        'Human: toxic, by ann.',
        '- 2026-01-03 ann took the label back\n- 2026-01-02 ann said not toxic: a quotation\n- 2026-01-01 ann said toxic',
      ],
      {
        name: 'a.txt',
        labels: [
          ['zounds', 'toxic'],
          ['zounds', 'benign', 'a quotation'],
          ['zounds', 'none'],
        ],
      },
    ));

  it('tells why a text is unjudged', () =>
    check('{"text":"$добрый день"}', ['Unjudged: the lexicon is English and the text has no Latin letter.']));

  it('finds the text of a pair under the cursor, in whatever order they stand', async () => {
    const rejectedFirst = '{"rejected":"zounds","chosen":"good day"}';
    const document = await judged(rejectedFirst);
    const at = (character: number) => hover(document, { line: 0, character }, { markdown: false });
    assert.equal(place(at(15)?.range ?? assert.fail()), '0:13-0:19');
    assert.equal(place(at(35)?.range ?? assert.fail()), '0:31-0:39');
    assert.equal(at(5), undefined);
  });

  it('shows what is in a data set as it is: nothing becomes Markdown or HTML', async () => {
    await check(
      '{"text":"$zounds"}',
      ['Toxic: 0.60 by lexicon\\(extra\\), threshold 0.50.', '- insult: 0.60', 'Words: “zounds” (insult)'],
      {
        markdown: true,
      },
    );
    assert.equal(
      escapeMarkdown('![x](http://e/a.png)\n# <img src=x> `c` &amp;'),
      '\\!\\[x\\]\\(http\\:\\/\\/e/a\\.png\\)'.replaceAll('\\/', '/') + ' \\# &lt;img src\\=x\\> \\`c\\` &amp;amp;',
    );
  });
});
