import assert from 'node:assert/strict';
import type { CodeAction } from 'vscode-languageserver';
import { codeActions } from '../../../../server/lsp/features/codeActions.ts';
import { useColumnArguments } from '../../../../server/protocol/messages/editor.ts';
import { judged } from './judged.ts';

/** The columns that are offered where a document begins, or at its given offset. */
async function offered(name: string, text: string, { at = 0, writesColumns = true } = {}): Promise<CodeAction[]> {
  const actions = codeActions(
    await judged(text, { name }),
    { start: at, end: at },
    { asksReason: false, writesColumns, version: 1 },
  );
  return actions.filter(({ title }) => title.startsWith('Use column'));
}

const titles = (actions: readonly CodeAction[]) => actions.map(({ title }) => title);

describe('the offer to use a column', () => {
  it('names those of a header without a text, by a command for the client', async () => {
    const actions = await offered('a.csv', 'id,"the, body"\n1,zounds\n');
    assert.deepEqual(titles(actions), ['Use column "id" as completion', 'Use column "the, body" as completion']);
    const command = actions[1]?.command;
    assert.equal(command?.command, 'rankscope.useColumn');
    assert.deepEqual(useColumnArguments.parse(command.arguments?.[0]), {
      uri: 'file:///data/a.csv',
      column: 'the, body',
    });
  });

  it('names those fields of a line that are texts', async () => {
    const text = '{"text":"a"}\n{"body":"zounds","n":1,"title":"b"}\n';
    assert.deepEqual(titles(await offered('a.jsonl', text)), []);
    assert.deepEqual(titles(await offered('a.jsonl', text, { at: 15 })), [
      'Use column "body" as completion',
      'Use column "title" as completion',
    ]);
  });

  it('is not made to a client that does not write settings', async () => {
    assert.deepEqual(await offered('a.csv', 'id,body\n1,zounds\n', { writesColumns: false }), []);
  });
});
