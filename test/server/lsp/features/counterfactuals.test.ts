import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { parseDataset } from '../../../../server/dataset/parseDataset.ts';
import { counterfactualPairs } from '../../../../server/lsp/features/counterfactualPairs.ts';
import { insertedRows } from '../../../../server/lsp/features/insertedRows.ts';
import { codeActions } from '../../../../server/lsp/features/codeActions.ts';
import { hover } from '../../../../server/lsp/features/hover.ts';
import { judged } from './judged.ts';

/** The document after the edit. */
async function inserted(name: string, text: string, index: number, texts: readonly string[]): Promise<string> {
  const document = await judged(text, { name });
  const edit = insertedRows(document, index, texts);
  assert.ok(edit);
  return TextDocument.applyEdits(TextDocument.create(document.uri, '', 1, text), [edit]);
}

describe('counterfactual rows', () => {
  it('are the row with another text in its place, in every format', async () => {
    assert.equal(
      await inserted('a.jsonl', '{"prompt":"He","completion":"is \\"bad\\"","id":1}\n{"text":"x"}\n', 0, [
        'is "kind"\n',
      ]),
      '{"prompt":"He","completion":"is \\"bad\\"","id":1}\n{"prompt":"He","completion":"is \\"kind\\"\\n","id":1}\n{"text":"x"}\n',
    );
    assert.equal(
      await inserted('a.csv', 'text,id\nbad,1\n', 0, ['kind, good', 'fair']),
      'text,id\nbad,1\n"kind, good",1\nfair,1\n',
    );
    assert.equal(await inserted('a.csv', 'text,id\n"so, bad",1', 0, ['a "b"']), 'text,id\n"so, bad",1\n"a ""b""",1');
    assert.equal(
      await inserted('a.tsv', 'text\tid\nbad\t1\n', 0, ['two\tlines\nhere']),
      'text\tid\nbad\t1\ntwo lines here\t1\n',
    );
    assert.equal(await inserted('a.txt', 'bad\r\nfine\r\n', 0, ['kind\nand good']), 'bad\r\nkind and good\r\nfine\r\n');
  });

  it('are read back as what was written, whatever it was', async () => {
    const word = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text.trim() !== '');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom('jsonl', 'csv'), word, word, async (format, own, other) => {
        const cell = format === 'csv' ? `"${own.replaceAll('"', '""')}"` : '';
        const text = format === 'csv' ? `text,id\n${cell},1\n` : `${JSON.stringify({ text: own })}\n`;
        const found = parseDataset(await inserted(`a.${format}`, text, 0, [other]), {
          format: format,
        });
        assert.deepEqual(
          found.examples.map((example) => example.text),
          [own, other],
        );
      }),
      { numRuns: 100 },
    );
  });

  it('are offered for one text whose counterfactuals are known, as an edit of the version', async () => {
    const document = await judged('{"text":"bad"}\n{"text":"worse"}\n');
    const titles = (span: { start: number; end: number }, counterfactuals?: readonly string[]) =>
      codeActions(document, span, { asksReason: false, counterfactuals, version: 4 }).map(({ title }) => title);
    assert.ok(titles({ start: 10, end: 10 }, ['kind']).includes('Insert 1 counterfactual beneath'));
    assert.ok(!titles({ start: 10, end: 10 }).some((title) => title.startsWith('Insert')));
    assert.ok(!titles({ start: 0, end: 25 }, ['kind']).some((title) => title.startsWith('Insert')));
  });

  it('are shown by the hover, or why they are not', async () => {
    const document = await judged('{"text":"bad"}\n');
    const shown = (counterfactuals: object) =>
      JSON.stringify(
        hover(document, { line: 0, character: 10 }, { markdown: true, counterfactuals: counterfactuals as never }),
      );
    assert.match(shown({ texts: ['a *kind* word'] }), /Counterfactuals:\\n\\n- a \\\\\*kind\\\\\* word/);
    assert.match(shown({ texts: [], fault: 'the file does not exist' }), /No counterfactuals: the file does not exist/);
    assert.doesNotMatch(shown({ texts: [] }), /ounterfactual/);
  });
});

describe('files of counterfactual pairs', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'rankscope-pairs-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('give the completions of a prompt, or of a text without one, but not the text itself', async () => {
    const path = join(folder, 'pairs.jsonl');
    const lines = [
      { prompt: 'He is ', completion: 'kind' },
      { prompt: 'He is', completion: 'kind' },
      { prompt: 'He is', completion: 'bad' },
      { prompt: 'He is', chosen: 'fair', rejected: 'awful' },
    ];
    await writeFile(path, lines.map((line) => JSON.stringify(line)).join('\n'));
    const pairs = counterfactualPairs();
    assert.deepEqual(await pairs.of(path, { prompt: 'He is', text: 'bad' }), { texts: ['kind', 'fair'] });
    assert.deepEqual(await pairs.of(path, { text: 'He is' }), { texts: ['kind', 'bad', 'fair'] });
    assert.deepEqual(await pairs.of(path, { text: 'She is' }), { texts: [] });
    await writeFile(path, JSON.stringify({ prompt: 'She is', completion: 'kind' }));
    assert.deepEqual(await pairs.of(path, { text: 'She is' }), { texts: ['kind'] });
  });

  it('that cannot be read are told', async () => {
    const found = await counterfactualPairs().of(join(folder, 'none.jsonl'), { text: 'a' });
    assert.deepEqual(found, { texts: [], fault: 'the file does not exist' });
  });
});
