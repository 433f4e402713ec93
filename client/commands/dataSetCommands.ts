import * as vscode from 'vscode';
import type { Host } from '../host/host.ts';
import { isDataSetName, judgedLanguages } from '../workspace/dataSetNames.ts';
import { findDataSets } from '../workspace/findDataSets.ts';
import { newSweep } from '../sweeps/wizard/newSweep.ts';
import { requireTrust } from '../trust/requireTrust.ts';
import { commandArgument } from '../pick/commandArgument.ts';
import { showList } from '../pick/showList.ts';

/** Opens a data set and judges it, whatever its settings say. A data set that is open already is judged again. */
export async function judge(host: Host, given: unknown): Promise<void> {
  const uri = await pickDataSet(given, vscode.l10n.t('Judge which data set?'));
  if (uri === undefined) return;
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.window.showTextDocument(document);
  if (!judgedLanguages.includes(document.languageId)) {
    await vscode.languages.setTextDocumentLanguage(document, 'rankscope-texts');
  }
  await host.server.start();
  await vscode.commands.executeCommand('rankscope.judgeAgain', { uri: document.uri.toString() });
}

export async function sweepOnThis(host: Host, given: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('no sweep is run.'));
  const uri = await pickDataSet(given, vscode.l10n.t('A sweep on which data set?'));
  if (uri !== undefined) await newSweep(host, { dataSet: uri.fsPath });
}

/** Shows the next flagged text after the cursor. */
export async function nextFlaggedText(host: Host): Promise<void> {
  const editor = await dataSetEditor(host);
  if (editor === undefined) return;
  const { line, character } = editor.selection.active;
  await vscode.commands.executeCommand('rankscope.nextFlagged', {
    uri: editor.document.uri.toString(),
    position: { line, character },
  });
}

/** Shows the text whose label would tell most about the judge. */
export async function labelNextText(host: Host): Promise<void> {
  const editor = await dataSetEditor(host);
  if (editor === undefined) return;
  const shown: unknown = await vscode.commands.executeCommand('rankscope.labelNext', {
    uri: editor.document.uri.toString(),
  });
  if (shown === null) void vscode.window.showInformationMessage(vscode.l10n.t('Every text has a label.'));
}

/** The data set in the active editor, after starting the server. Shows a message where there is none. */
async function dataSetEditor({ server }: Host): Promise<vscode.TextEditor | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined || !judgedLanguages.includes(editor.document.languageId)) {
    void vscode.window.showInformationMessage(vscode.l10n.t('Open a data set first.'));
    return undefined;
  }
  await server.start();
  return editor;
}

/** Whether a document may be judged as it stands: by its name, or since it is JSON. */
function isShown({ fileName, languageId }: vscode.TextDocument): boolean {
  return isDataSetName(fileName) || languageId === 'json';
}

async function pickDataSet(given: unknown, title: string): Promise<vscode.Uri | undefined> {
  const { file } = commandArgument(given);
  if (file !== undefined) return vscode.Uri.file(file);
  const document = vscode.window.activeTextEditor?.document;
  if (document?.uri.scheme === 'file' && isShown(document)) return document.uri;
  const items = (await findDataSets()).map((uri) => ({ label: vscode.workspace.asRelativePath(uri), uri }));
  return (await showList(items, { title }))?.uri;
}
