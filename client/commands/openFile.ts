import * as vscode from 'vscode';
import { panelCommands } from '../../server/protocol/messages/panelContract.ts';
import { commandArgument } from '../pick/commandArgument.ts';

export async function openFile(given: unknown): Promise<void> {
  const { file } = commandArgument(given);
  if (file !== undefined) await vscode.window.showTextDocument(vscode.Uri.file(file));
}

/** Shows a 0-based line of a file, in the column beside the panel. */
export async function openLine(given: unknown): Promise<void> {
  const { data: place } = panelCommands['rankscope.openLine'].safeParse(given);
  if (place === undefined) return;
  const { file, line } = place;
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(file));
  const range = document.lineAt(Math.min(line, document.lineCount - 1)).range;
  await vscode.window.showTextDocument(document, { selection: range, viewColumn: vscode.ViewColumn.Beside });
}
