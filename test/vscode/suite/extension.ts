import * as vscode from 'vscode';
import type { Api } from '../../../client/extension.ts';

const extensionId = 'rankscope.rankscope';

export function extension(): vscode.Extension<Api> {
  const found = vscode.extensions.getExtension<Api>(extensionId);
  if (found === undefined) throw new Error('the extension is not installed');
  return found;
}

/** A file of the workspace. */
export function inWorkspace(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  if (folder === undefined) throw new Error('no folder is open');
  return vscode.Uri.joinPath(folder.uri, name);
}

export async function open(name: string): Promise<vscode.TextDocument> {
  const document = await vscode.workspace.openTextDocument(inWorkspace(name));
  await vscode.window.showTextDocument(document);
  return document;
}

/** Labels of the tabs that are open. */
export const tabs = (): string[] =>
  vscode.window.tabGroups.all.flatMap((group) => group.tabs.map(({ label }) => label));
