import * as vscode from 'vscode';
import { visibleNotification } from '../../server/protocol/messages/editor.ts';
import { judgedLanguages } from '../workspace/dataSetNames.ts';
import type { LanguageServer } from './languageServer.ts';

/** Reports the visible lines to the server, so that they are judged first. Sends nothing before the server runs. */
export function visibleLines(server: LanguageServer): vscode.Disposable {
  const tell = async (editor: vscode.TextEditor) => {
    const { document, visibleRanges } = editor;
    const [range] = visibleRanges;
    if (!server.running || range === undefined || !judgedLanguages.includes(document.languageId)) return;
    const client = await server.start();
    const { start, end } = range;
    const lines = { uri: document.uri.toString(), startLine: start.line, endLine: end.line };
    await client.sendNotification(visibleNotification.method, lines);
  };
  return vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => {
    // If the server has gone meanwhile, its next start reads the whole document anyway.
    void tell(textEditor).catch(() => undefined);
  });
}
