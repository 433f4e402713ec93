import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Host } from '../host/host.ts';
import { launchSweep } from './launchSweep.ts';

const demoKey = 'rankscope.demo';
const sweepName = 'demo.sweep.json';

/** Copies the demo into a folder that the person chooses, and opens its sweep file. Undefined where the person cancels. */
export async function openDemo({ context, runs }: Host): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Where to Put the Demo'),
    openLabel: vscode.l10n.t('Put the Demo Here'),
    canSelectFolders: true,
    canSelectFiles: false,
    ...(vscode.workspace.workspaceFolders?.[0] && { defaultUri: vscode.workspace.workspaceFolders[0].uri }),
  });
  const [folder] = chosen ?? [];
  if (folder === undefined) return undefined;
  const target = await freeFolder(folder);
  await vscode.workspace.fs.copy(vscode.Uri.joinPath(context.extensionUri, 'examples', 'demo'), target);
  const sweep = vscode.Uri.joinPath(target, sweepName);
  await context.globalState.update(demoKey, sweep.fsPath);
  await vscode.commands.executeCommand('setContext', 'rankscope.demoOpen', true);
  await vscode.window.showTextDocument(sweep, { viewColumn: vscode.ViewColumn.Active, preview: false });
  await runs.refresh();
  return sweep;
}

/** Runs the demo's sweep, after copying the demo if that was not done yet. */
export async function runDemo(host: Host): Promise<void> {
  const known = host.context.globalState.get<string>(demoKey);
  const there = known !== undefined && (await exists(vscode.Uri.file(known)));
  const file = there ? known : (await openDemo(host))?.fsPath;
  if (file !== undefined) await launchSweep(host, { file });
}

async function freeFolder(parent: vscode.Uri): Promise<vscode.Uri> {
  for (let number = 1; ; number += 1) {
    const name = `rankscope-demo${number > 1 ? `-${number}` : ''}`;
    const target = vscode.Uri.file(path.join(parent.fsPath, name));
    if (!(await exists(target))) return target;
  }
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
