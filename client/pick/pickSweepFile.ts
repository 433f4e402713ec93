import * as vscode from 'vscode';
import { commandArgument } from './commandArgument.ts';
import { showList } from './showList.ts';

const ending = '.sweep.json';

/**
 * The sweep file that a command works on, after saving it: the given one, the active one, or the one that the
 * person picks.
 */
export async function pickSweepFile(given: unknown): Promise<string | undefined> {
  const file = commandArgument(given).file ?? inFront() ?? (await pickFile());
  if (file === undefined) return undefined;
  const open = vscode.workspace.textDocuments.find(({ uri }) => uri.fsPath === file);
  if (open?.isDirty === true) await open.save();
  return file;
}

function inFront(): string | undefined {
  const file = vscode.window.activeTextEditor?.document.uri.fsPath;
  return file?.endsWith(ending) ? file : undefined;
}

async function pickFile(): Promise<string | undefined> {
  const found = await vscode.workspace.findFiles(`**/*${ending}`, '**/{node_modules,runs}/**', 200);
  if (found.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('There is no sweep file (*.sweep.json) here. "Rankscope: New Sweep" writes one.'),
    );
    return undefined;
  }
  if (found.length === 1) return found[0]?.fsPath;
  const items = found.map(({ fsPath }) => ({ label: vscode.workspace.asRelativePath(fsPath), fsPath }));
  return (await showList(items, { title: vscode.l10n.t('Which sweep?') }))?.fsPath;
}
