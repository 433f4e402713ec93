import * as vscode from 'vscode';
import { dataSetLanguages } from '../workspace/dataSetNames.ts';
import type { LanguageServer } from './languageServer.ts';
import { errorMessage } from './errorMessage.ts';

/** Starts the server when the first data set is opened, and not before. */
export function startForDataSets(server: LanguageServer, log: vscode.LogOutputChannel): vscode.Disposable {
  const look = ({ languageId, uri }: vscode.TextDocument) => {
    if (uri.scheme !== 'file' || !dataSetLanguages.includes(languageId)) return;
    server.start().catch((error: unknown) => log.error(errorMessage(error)));
  };
  vscode.workspace.textDocuments.forEach(look);
  return vscode.workspace.onDidOpenTextDocument(look);
}
