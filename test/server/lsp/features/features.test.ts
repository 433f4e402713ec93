import assert from 'node:assert/strict';
import { codeLens } from '../../../../server/lsp/features/codeLens.ts';
import { documentSymbols } from '../../../../server/lsp/features/documentSymbols.ts';
import { inlayHints } from '../../../../server/lsp/features/inlayHints.ts';
import { semanticTokens } from '../../../../server/lsp/features/semanticTokens.ts';
import { editorSettings } from '../../../../server/protocol/messages/editor.ts';
import { type Given, judged, place } from './judged.ts';

const everywhere = { start: 0, end: Infinity };

describe('inlay hints', () => {
  async function check(
    text: string,
    expected: readonly string[],
    given: Given & { which?: 'all' | 'flagged' | 'off' } = {},
  ) {
    const hints = inlayHints(await judged(text, given), everywhere, given.which ?? editorSettings.parse({}).inlayHints);
    assert.deepEqual(
      hints.map(({ position, label }) => `${position.line}:${position.character} ${label as string}`),
      expected,
    );
  }

  it('stand behind each text with its score alone, where that is wanted', () =>
    check(
      'zounds\nдень\ngood day',
      ['0:6 0.60', '1:4 unjudged: the lexicon is English and the text has no Latin letter', '2:8 0.00'],
      {
        name: 'a.txt',
        which: 'all',
      },
    ));

  it('name the judge and what a human said in their tooltip', async () => {
    const document = await judged('zounds', { name: 'a.txt', labels: [['zounds', 'benign']] });
    const [hint] = inlayHints(document, everywhere, 'all');
    assert.deepEqual([hint?.label, hint?.tooltip], ['0.60', '0.60 by lexicon(extra); ann says not toxic']);
  });

  it('stand behind flagged texts only, or nowhere where that is wanted', async () => {
    await check('zounds\ngood day', ['0:6 0.60'], { name: 'a.txt' });
    await check('zounds\ngood day', [], { name: 'a.txt', which: 'off' });
  });
});

describe('semantic tokens', () => {
  /** Tokens as `line:character+length`, an exclamation mark behind those of flagged texts. */
  async function check(text: string, expected: readonly string[], given: Given = {}) {
    const { data } = semanticTokens(await judged(text, given), everywhere);
    const tokens: string[] = [];
    let [line, character] = [0, 0];
    for (let i = 0; i < data.length; i += 5) {
      const [lines = 0, characters = 0, length = 0, , modifiers = 0] = data.slice(i, i + 5);
      character = lines === 0 ? character + characters : characters;
      line += lines;
      tokens.push(`${line}:${character}+${length}${modifiers === 1 ? '!' : ''}`);
    }
    assert.deepEqual(tokens, expected);
  }

  it('mark the offending words, and those of toxic texts stronger', () =>
    check('{"text":"drat, drat"}\n{"text":"fie \\"zounds\\""}', ['0:9+4', '0:15+4', '1:9+3!', '1:15+6!']));

  it('stay on one line where a text does not', () =>
    check('text\n"fie\nand zounds"\n', ['1:1+3!', '2:4+6!'], { name: 'a.csv' }));

  it('are in the order of the document where the texts of a pair are not', () =>
    check('{"rejected":"fie","chosen":"zounds"}', ['0:13+3!', '0:28+6!']));
});

describe('document symbols', () => {
  async function check(text: string, expected: readonly string[], given: Given & { limit?: number } = {}) {
    const symbols = documentSymbols(await judged(text, given), given.limit ?? 100);
    assert.deepEqual(
      symbols.map(({ name, detail, range }) => `${place(range)} ${name} | ${detail}`),
      expected,
    );
  }

  it('list the flagged texts in order', () =>
    check(
      '{"text":"good"}\n{"text":"zounds\\tand more"}\n{"text":"fine"}\n',
      ['1:9-1:25 zounds and more | 0.60 insult', '2:9-2:13 fine | 0.00 toxic, ann: toxic'],
      {
        labels: [['fine', 'toxic']],
      },
    ));

  it('stop at their limit', () =>
    check('zounds\nzounds', ['0:0-0:6 zounds | 0.60 insult'], { name: 'a.txt', limit: 1 }));
});

describe('code lenses', () => {
  async function check(text: string, expected: readonly string[], given: Given = {}) {
    const lenses = codeLens(await judged(text, given));
    assert.ok(lenses.every(({ range }) => range.start.line === 0));
    assert.deepEqual(
      lenses.map(({ command }) => command?.title),
      expected,
    );
  }

  it('say what a data set of a known form, or a table, was taken for', async () => {
    const titles = async (text: string, name: string) =>
      codeLens(await judged(text, { name })).map(({ command }) => command?.title ?? '');
    const hateCheck = 'functionality,test_case,label_gold,target_ident\nf,fine,non-hateful,women\n';
    assert.ok(
      (await titles(hateCheck, 'a.csv')).includes(
        'Read as HateCheck (text: test_case; label: label_gold; group: target_ident)',
      ),
    );
    assert.ok((await titles('text,label\nfine,0\n', 'a.csv')).includes('Read as a table (text: text; label: label)'));
    assert.ok(!(await titles('{"text":"fine"}', 'a.jsonl')).some((title) => title.startsWith('Read as')));
  });

  it('let a person pick the column of the texts where none is known', async () => {
    const document = await judged('id,remark\n1,fine\n', { name: 'a.csv' });
    const picks = codeLens(document, undefined, { writesColumns: true }).flatMap(({ command }) => command ?? []);
    const pick = picks.find(({ command }) => command === 'rankscope.useColumn');
    assert.deepEqual(pick?.arguments, [{ uri: document.uri, columns: ['id', 'remark'] }]);
    assert.ok(!codeLens(document).some(({ command }) => command?.command === 'rankscope.useColumn'));
  });

  it('count on the first line, and offer what can be done', () =>
    check(
      'zounds\nдень\ngood day\nfine',
      [
        '3 texts judged · 1 toxic (33.3 %) · 1 unjudged · 0 labelled by hand',
        '4 lines · 4 read',
        'Next flagged',
        'Split flagged lines',
        'Label next',
        'Judge again',
      ],
      {
        name: 'a.txt',
      },
    ));

  it('tell how far judge and labels agree, leaving out who was not sure', () =>
    check(
      'zounds\ngood day\nfine',
      [
        '3 texts judged · 1 toxic (33.3 %) · 0 unjudged · 3 labelled by hand',
        '3 lines · 3 read',
        'Judge and labels agree on 50 % of 2, κ 0.00',
        'Next flagged',
        'Split flagged lines',
        'Label next',
        'Judge again',
      ],
      {
        name: 'a.txt',
        labels: [
          ['zounds', 'toxic'],
          ['good day', 'toxic'],
          ['fine', 'unsure'],
        ],
      },
    ));

  it('count the lines that were not read, and say why', async () => {
    const counts = async (text: string, name: string) =>
      codeLens(await judged(text, { name })).map(({ command }) => command?.title);
    const chat = '{"messages":[{"role":"assistant","content":"a"},{"role":"assistant","content":"b"}]}';
    assert.equal(
      (await counts(`{"text":"a"}\n\n${chat}\n{"a":1}\n{"b":2}\n7\n`, 'a.jsonl'))[1],
      '5 lines · 2 read · 3 not read (there is no field "completion", "text", "messages" or "chosen"; the line has "a", and other reasons)',
    );
    const [only, ...rest] = await counts('a,b\n1,2\n3,4\n', 'a.csv');
    assert.match(only ?? '', /^Nothing read \(the header has no column/);
    assert.deepEqual(rest, []);
  });

  it('offer to judge a data set that waits to be asked for, and nothing else that is not judged', async () => {
    const document = await judged('');
    const waiting = { reason: 'so it is', canBeAsked: true };
    assert.deepEqual(
      codeLens(document, { ...waiting, isDataset: true }).map(({ command }) => [command?.title, command?.command]),
      [['Judge', 'rankscope.judgeAgain']],
    );
    assert.deepEqual(codeLens(document, { ...waiting, isDataset: false }), []);
  });

  it('are none where there is no text', () => check('', []));
});
