import * as assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { extension, open } from './extension.ts';
import { until } from './until.ts';

/** Line 1 is clean, line 2 is flagged, line 3 is markup that must stay text. */
const name = 'flagged.jsonl';

const flagged = (uri: vscode.Uri) => {
  const found = vscode.languages.getDiagnostics(uri).filter(({ source }) => source?.toLowerCase() === 'rankscope');
  return found.length > 0 ? found : undefined;
};

describe('a data set', () => {
  let document: vscode.TextDocument;

  before(async () => {
    document = await open(name);
  });

  it('starts the server and is judged where it stands', async () => {
    assert.equal(document.languageId, 'jsonl');
    const found = await until('diagnostics', () => flagged(document.uri));
    assert.ok(extension().exports.serverRunning());
    assert.deepEqual([...new Set(found.map(({ range }) => range.start.line))].sort(), [1, 2]);
  });

  it('shows scores by hover, hints and lenses', async () => {
    const at = new vscode.Position(1, 14);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      at,
    );
    assert.ok(hovers.length > 0);
    const all = new vscode.Range(0, 0, document.lineCount, 0);
    const hints = await vscode.commands.executeCommand<vscode.InlayHint[]>(
      'vscode.executeInlayHintProvider',
      document.uri,
      all,
    );
    assert.deepEqual(
      hints.map(({ position }) => position.line),
      [1, 2],
    );
    const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>(
      'vscode.executeCodeLensProvider',
      document.uri,
    );
    assert.ok(lenses.length > 0);
  });

  it('never shows its markup as markup', async () => {
    const at = new vscode.Position(2, 20);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      at,
    );
    const contents = hovers.flatMap(({ contents }) => contents);
    for (const content of contents) {
      if (typeof content === 'string' || !(content instanceof vscode.MarkdownString)) continue;
      assert.notEqual(content.supportHtml, true);
      assert.notEqual(content.isTrusted, true);
      assert.doesNotMatch(content.value, /(^|[^\\])<img/);
    }
    assert.ok(contents.length > 0);
  });

  it('takes a label by a code action, into a file beside it', async () => {
    const [first] = await until('diagnostics', () => flagged(document.uri));
    assert.ok(first);
    const asked = () =>
      vscode.commands.executeCommand<vscode.CodeAction[]>(
        'vscode.executeCodeActionProvider',
        document.uri,
        first.range,
      );
    const action = await until('the code action', async () =>
      (await asked()).find(({ title }) => /not toxic/i.test(title)),
    );
    assert.ok(action.command);
    await vscode.commands.executeCommand(action.command.command, ...((action.command.arguments ?? []) as unknown[]));
    const labels = vscode.Uri.file(`${document.uri.fsPath}.labels.jsonl`);
    const beside = vscode.Uri.file(document.uri.fsPath.replace(/\.jsonl$/, '.labels.jsonl'));
    const read = async (uri: vscode.Uri) => Buffer.from(await vscode.workspace.fs.readFile(uri)).toString();
    const text = await until('the file of labels', () =>
      read(labels).then(
        (t) => t,
        () =>
          read(beside).then(
            (t) => t,
            () => undefined,
          ),
      ),
    );
    assert.match(text, /"label":\s*"benign"/);
  });

  it('is opened and judged by "Judge"', async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await vscode.commands.executeCommand('rankscope.judge', document.uri);
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, document.uri.fsPath);
    await until('diagnostics', () => flagged(document.uri));
  });

  it('is opened for review in a panel', async () => {
    await vscode.commands.executeCommand('rankscope.reviewFlagged', document.uri);
    const isReview = (tab: vscode.Tab) =>
      tab.input instanceof vscode.TabInputWebview && tab.input.viewType.includes('rankscope.review');
    await until('the panel', () => vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).find(isReview));
  });
});
