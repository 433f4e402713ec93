import * as vscode from 'vscode';
import type { LanguageServer } from './languageServer.ts';

/**
 * The status bar item "Not judged" for the data set in the active editor: it shows the reason, and a click judges
 * the file.
 */
export function judgingStatus(server: LanguageServer): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('rankscope.judging', vscode.StatusBarAlignment.Right, 10);
  item.name = vscode.l10n.t('Rankscope Judging');
  item.text = vscode.l10n.t('Rankscope: not judged');
  const reasons = new Map<string, string>();
  const show = () => {
    const uri = vscode.window.activeTextEditor?.document.uri;
    const reason = uri && reasons.get(uri.toString());
    if (uri === undefined || reason === undefined) {
      item.hide();
      return;
    }
    item.tooltip = `${reason}\n${vscode.l10n.t('Select to judge it now.')}`;
    item.command = { command: 'rankscope.judge', title: vscode.l10n.t('Judge'), arguments: [uri] };
    item.show();
  };
  return vscode.Disposable.from(
    item,
    server.onDidTellJudging(({ uri, reason, canBeAsked }) => {
      if (reason !== null && canBeAsked) reasons.set(normal(uri), reason);
      else reasons.delete(normal(uri));
      show();
    }),
    vscode.window.onDidChangeActiveTextEditor(show),
  );
}

/** A URI in the editor's normal form. */
function normal(uri: string): string {
  return vscode.Uri.parse(uri).toString();
}
