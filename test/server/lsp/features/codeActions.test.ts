import assert from 'node:assert/strict';
import type { CodeAction, TextDocumentEdit, TextEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { contentHash } from '../../../../server/judges/labels/human.ts';
import { codeActions } from '../../../../server/lsp/features/codeActions.ts';
import { insertedRows } from '../../../../server/lsp/features/insertedRows.ts';
import { splitFlagged } from '../../../../server/lsp/features/splitFlagged.ts';
import { editorCommands } from '../../../../server/protocol/messages/editorCommands.ts';
import { type Given, judged } from './judged.ts';

interface Actions extends Given {
  readonly asksReason?: boolean;
  readonly writesColumns?: boolean;
}

/** The actions for the selection between two `$`, or for the one place of a `$`. */
async function actionsFor(marked: string, given: Actions = {}): Promise<CodeAction[]> {
  const [start, end] = [marked.indexOf('$'), marked.lastIndexOf('$')];
  const text = marked.replaceAll('$', '');
  const document = await judged(text, given);
  const span = { start, end: end === start ? start : end - 1 };
  return codeActions(document, span, { asksReason: false, version: 1, ...given });
}

async function check(marked: string, expected: readonly string[], given: Actions = {}) {
  const actions = await actionsFor(marked, given);
  assert.deepEqual(
    actions.map(({ title }) => title),
    expected,
  );
  for (const { command } of actions) {
    const name = command?.command ?? '';
    if (name in editorCommands)
      editorCommands[name as keyof typeof editorCommands].params.parse(command?.arguments?.[0]);
  }
}

/** The text after an edit of its own document. */
function applied(text: string, edits: readonly TextEdit[]): string {
  return TextDocument.applyEdits(TextDocument.create('file:///a', 'plaintext', 1, text), [...edits]);
}

/** What is left when the lines are dropped. */
async function checkDrop(marked: string, expected: string, given: Given = {}) {
  const drop = (await actionsFor(marked, given)).find(({ title }) => title.startsWith('Drop'));
  const [change] = drop?.edit?.documentChanges ?? [];
  assert.equal(applied(marked.replaceAll('$', ''), (change as TextDocumentEdit).edits as TextEdit[]), expected);
}

describe('code actions', () => {
  const text = { name: 'a.txt' };

  it('label the text under the cursor, accept its verdict, drop its line', () =>
    check(
      'zou$nds\nfine',
      ['Mark as toxic', 'Mark as not toxic', 'Mark as not sure', 'Accept the verdict (toxic, 0.60)', 'Drop the line'],
      text,
    ));

  it('of a JSON array label its texts, and leave its lines alone', async () => {
    const array = '[\n {"text": "zou$nds"},\n {"text": "fine"}\n]';
    await check(array, ['Mark as toxic', 'Mark as not toxic', 'Mark as not sure', 'Accept the verdict (toxic, 0.60)'], {
      name: 'a.json',
    });
    const document = await judged(array.replace('$', ''), { name: 'a.json' });
    assert.equal(insertedRows(document, 0, ['gosh']), undefined);
    assert.equal(splitFlagged(document, 'file:///new'), undefined);
  });

  it('insert a text with the quotes that its file needs', async () => {
    const inserted = async (text: string, name: string) =>
      insertedRows(await judged(text, { name }), 0, ['a; b'])?.newText;
    assert.equal(await inserted('id;text\n1;zounds\n', 'a.csv'), '1;"a; b"\n');
    assert.equal(await inserted('id,text\n1,zounds\n', 'a.csv'), '1,a; b\n');
  });

  it('are none between texts', () => check('{"$text":"zounds"}', []));

  it('deal with all texts that a selection touches', () =>
    check(
      'z$ounds\nfi$ne\nlast',
      [
        'Mark 2 texts as toxic',
        'Mark 2 texts as not toxic',
        'Mark 2 texts as not sure',
        'Accept 2 verdicts',
        'Drop 2 lines',
      ],
      text,
    ));

  it('take a label back, and do not offer the label that is there', () =>
    check('$zounds', ['Mark as not toxic', 'Mark as not sure', 'Take the label back', 'Drop the line'], {
      ...text,
      labels: [['zounds', 'toxic']],
    }));

  it('offer to ask for a reason where the client can', async () => {
    const titles = (await actionsFor('$fine', { ...text, asksReason: true })).map(({ title }) => title);
    assert.ok(titles.includes('Mark as toxic, with a reason…'));
  });

  it('carry the label with the content hash of text and prompt', async () => {
    const [mark, , , accept] = await actionsFor('{"prompt":"p","completion":"$zounds"}');
    const content = contentHash({ prompt: 'p', text: 'zounds' });
    const uri = 'file:///data/a.jsonl';
    assert.deepEqual(mark?.command?.arguments, [{ uri, labels: [{ content, label: 'toxic' }] }]);
    const reason = 'accepts the verdict of lexicon(extra)';
    assert.deepEqual(accept?.command?.arguments, [{ uri, labels: [{ content, label: 'toxic' }], reason }]);
  });

  it('do not accept what was not judged', async () => {
    const titles = (await actionsFor('$день', text)).map(({ title }) => title);
    assert.ok(!titles.some((title) => title.startsWith('Accept')));
  });

  it('drop whole lines', async () => {
    await checkDrop('one\nt$wo\nthree', 'one\nthree', text);
    await checkDrop('one\r\nt$wo\r\nthree\r\n$', 'one\r\n', text);
    await checkDrop('{"chosen":"$a","rejected":"b"}\n{"text":"c"}\n', '{"text":"c"}\n');
    await checkDrop('one\nlas$t', 'one\n', text);
  });

  it('drop rows that reach over several lines', () =>
    checkDrop('text\n"a\nb"\n"c\n$d"\ne\n', 'text\n"a\nb"\ne\n', { name: 'a.csv' }));
});

describe('splitting flagged lines off', () => {
  /** What the document and the new file hold afterwards. */
  async function checkSplit(before: string, left: string, moved: string, given: Given = {}) {
    const edit = splitFlagged(await judged(before, given), 'file:///data/new')!;
    const [create, insert, remove] = edit.documentChanges ?? [];
    assert.deepEqual(create, {
      kind: 'create',
      uri: 'file:///data/new',
      options: { overwrite: false, ignoreIfExists: false },
    });
    assert.equal(applied('', (insert as TextDocumentEdit).edits as TextEdit[]), moved);
    assert.equal(applied(before, (remove as TextDocumentEdit).edits as TextEdit[]), left);
  }

  it('moves them into the new file, and leaves the rest', async () => {
    await checkSplit('zounds\nfine\nfie\nfie two', 'fine\n', 'zounds\nfie\nfie two\n', { name: 'a.txt' });
    await checkSplit(
      '{"chosen":"fine","rejected":"fie"}\n{"text":"b"}\n',
      '{"text":"b"}\n',
      '{"chosen":"fine","rejected":"fie"}\n',
    );
  });

  it('gives the new file the header of a delimited one', async () => {
    await checkSplit('text,n\r\n"fie\r\nfie",1\r\nfine,2\r\n', 'text,n\r\nfine,2\r\n', 'text,n\r\n"fie\r\nfie",1\r\n', {
      name: 'a.csv',
    });
    await checkSplit('text\tn\nfie\t1\n', 'text\tn\n', 'text\tn\nfie\t1\n', { name: 'a.tsv' });
  });

  it('goes by what people said', () =>
    checkSplit('zounds\nfine\n', 'zounds\n', 'fine\n', {
      name: 'a.txt',
      labels: [
        ['zounds', 'benign'],
        ['fine', 'toxic'],
      ],
    }));

  it('is nothing where nothing is flagged', async () => {
    assert.equal(splitFlagged(await judged('fine', { name: 'a.txt' }), 'file:///new'), undefined);
  });
});
