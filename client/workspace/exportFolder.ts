import * as os from 'node:os';
import * as vscode from 'vscode';

/** The folder that save dialogs open in: the setting, else `otherwise`, else the workspace, else the home folder. */
export function exportFolder(otherwise?: string): string {
  const chosen = vscode.workspace.getConfiguration('rankscope').get<string>('exportFolder', '');
  if (chosen !== '') return chosen;
  return otherwise ?? vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? os.homedir();
}
