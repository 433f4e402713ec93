import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { builtinLexicon } from '../../../../server/judges/lexicon/builtinLexicon.ts';
import { profanity } from '../../../../server/judges/lexicon/profanity.ts';
import { diagnostics, type DiagnosticOptions } from '../../../../server/lsp/features/diagnostics.ts';
import { type Given, judged, place } from './judged.ts';

const severities = ['', 'error', 'warning', 'information', 'hint'];

/** Each diagnostic as `range severity code: message`, and beneath it its related words. */
async function check(
  text: string,
  expected: readonly string[],
  given: Given & { limit?: number; severity?: DiagnosticOptions['severity'] } = {},
) {
  const found = diagnostics(await judged(text, given), {
    limit: given.limit ?? 100,
    severity: given.severity ?? 'byScore',
    related: true,
    explanations: 'https://example.org/categories',
  });
  const lines = found.flatMap((one) => [
    `${place(one.range)} ${severities[one.severity ?? 0]} ${one.code ?? ''}: ${one.message as string}`,
    ...(one.relatedInformation ?? []).map((word) => `  ${place(word.location.range)} ${word.message}`),
  ]);
  assert.deepEqual(lines, expected);
}

describe('diagnostics', () => {
  it('stand on the exact text of each toxic completion, with the words that carried the verdict', () =>
    check('{"text":"good day"}\n{"prompt":"zounds","completion":"you zounds"}\n', [
      '1:33-1:43 information insult: Toxic: 0.60 by lexicon(extra)',
      '  1:37-1:43 “zounds”: insult',
    ]));

  it('are more severe the higher the score, and named after the category that weighs most', () =>
    check(
      'zounds\nzounds drat\nfie, drat',
      [
        '0:0-0:6 information insult: Toxic: 0.60 by lexicon(extra)',
        '  0:0-0:6 “zounds”: insult',
        '1:0-1:11 warning insult: Toxic: 0.72 by lexicon(extra)',
        '  1:0-1:6 “zounds”: insult',
        '  1:7-1:11 “drat”: insult',
        '2:0-2:9 error threat: Toxic: 0.96 by lexicon(extra)',
        '  2:0-2:3 “fie”: threat',
        '  2:5-2:9 “drat”: insult',
      ],
      { name: 'a.txt' },
    ));

  it('are as severe as the settings say of all, lines that cannot be read among them', async () => {
    for (const severity of ['hint', 'information', 'warning', 'error'] as const) {
      const found = diagnostics(await judged('{"text":"fie"}\n{'), { limit: 9, severity, related: false });
      assert.deepEqual(
        found.map((one) => severities[one.severity ?? 0]),
        [severity, severity],
      );
    }
  });

  it('count escapes of the document, not of the text', () =>
    check(String.raw`{"text":"a\n\"zo\u0075nds\""}`, [
      '0:9-0:27 information insult: Toxic: 0.60 by lexicon(extra)',
      '  0:14-0:25 “zounds”: insult',
    ]));

  it('follow the human where there is a label', () =>
    check(
      'zounds\nzounds!\ngood day\nzounds?',
      [
        '1:0-1:7 error insult: Toxic: ann says toxic; 0.60 by lexicon(extra)',
        '  1:0-1:6 “zounds”: insult',
        '2:0-2:8 error labelled-toxic: Toxic: ann says toxic; 0.00 by lexicon(extra)',
        '3:0-3:7 information insult: Toxic: 0.60 by lexicon(extra); ann says not sure',
        '  3:0-3:6 “zounds”: insult',
      ],
      {
        name: 'a.txt',
        labels: [
          ['zounds', 'benign'],
          ['zounds!', 'toxic'],
          ['good day', 'toxic'],
          ['zounds?', 'unsure'],
        ],
      },
    ));

  it('name a line that cannot be read and what to do about it', () =>
    check('{"text":"a"}\n{"text":\n', [
      '1:7-1:8 warning unreadable-line: the line is no JSON: Unexpected end of JSON input. Correct the line, or delete it.',
    ]));

  it('stop at the limit and say how many are left', () =>
    check(
      'zounds\nzounds\nzounds',
      [
        '0:0-0:0 information notice: 2 more are not shown: the limit is 1 (setting limits.problems).',
        '0:0-0:6 information insult: Toxic: 0.60 by lexicon(extra)',
        '  0:0-0:6 “zounds”: insult',
      ],
      { name: 'a.txt', limit: 1 },
    ));

  it('say which limit left lines unread', () =>
    check(
      'zounds\nzounds',
      [
        '0:0-0:0 information notice: Only the first 1 lines and those on the screen are judged: the document has more (setting limits.lines).',
        '0:0-0:6 information insult: Toxic: 0.60 by lexicon(extra)',
        '  0:0-0:6 “zounds”: insult',
      ],
      { name: 'a.txt', settings: { limits: { lines: 1 } } },
    ));

  it('link to the explanation of their category', async () => {
    const [first] = diagnostics(await judged('{"text":"fie"}'), {
      limit: 1,
      severity: 'byScore',
      related: false,
      explanations: 'file:///e',
    });
    assert.equal(first?.codeDescription?.href, 'file:///e#threat');
    assert.equal(first.relatedInformation, undefined);
  });

  it('link to a heading of the page that ships with the program, whatever the category', async () => {
    const page = await readFile('docs/judges.md', 'utf8');
    const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, heading = '']) => heading.replaceAll(' ', '-'));
    for (const { category, weight } of [...builtinLexicon, ...profanity()]) {
      if (weight === 0) continue;
      assert.ok(headings.includes(category.replaceAll(' ', '-')), category);
    }
    for (const code of ['labelled-toxic', 'unreadable-line', 'notice', 'hurtlex']) assert.ok(headings.includes(code));
  });
});
