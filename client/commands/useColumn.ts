import * as path from 'node:path';
import * as vscode from 'vscode';
import { useColumnArguments } from '../../server/protocol/messages/editor.ts';

/** Writes into the settings of the workspace which column of a file holds its completions; the server reads it again. */
export async function useColumn(given: unknown): Promise<void> {
  const { uri, column } = useColumnArguments.parse(given);
  const file = vscode.Uri.parse(uri);
  const settings = vscode.workspace.getConfiguration('rankscope', file);
  const isInWorkspace = vscode.workspace.getWorkspaceFolder(file) !== undefined;
  const target = isInWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  const { workspaceValue, globalValue } = settings.inspect<Readonly<Record<string, object>>>('columns') ?? {};
  const known = (isInWorkspace ? workspaceValue : globalValue) ?? {};
  const pattern = patternOf(
    isInWorkspace ? `/${vscode.workspace.asRelativePath(file, false)}` : path.basename(file.fsPath),
  );
  await settings.update('columns', { ...known, [pattern]: { completion: column } }, target);
}

/** A glob that matches a path: its characters that mean something in a glob stand for any character. */
function patternOf(name: string): string {
  return name.replace(/[{}*?]/g, '?');
}
