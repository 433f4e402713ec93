import * as path from 'node:path';
import * as vscode from 'vscode';
import { showList } from '../pick/showList.ts';
import { useColumnArguments } from '../../server/protocol/messages/editor.ts';

/** Writes into the settings of the workspace which column of a file holds its completions; the server reads it again. */
export async function useColumn(given: unknown): Promise<void> {
  const { uri, columns = [], ...named } = useColumnArguments.parse(given);
  const column = named.column ?? (await pickColumn(columns));
  if (column === undefined) return;
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

async function pickColumn(columns: readonly string[]): Promise<string | undefined> {
  const title = vscode.l10n.t('Which column holds the texts?');
  return (
    await showList(
      columns.map((label) => ({ label })),
      { title },
    )
  )?.label;
}

/** A glob that matches a path: its characters that mean something in a glob stand for any character. */
function patternOf(name: string): string {
  return name.replace(/[{}*?]/g, '?');
}
