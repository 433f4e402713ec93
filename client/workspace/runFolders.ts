import * as path from 'node:path';
import * as vscode from 'vscode';

const remembered = 'rankscope.runFolders';
const mostRemembered = 20;

/**
 * Folders that are searched for runs: `runs` beside each sweep file and at the root of each workspace folder, and
 * the folders in which runs of this workspace were started before.
 */
export async function runFolders(context: vscode.ExtensionContext): Promise<readonly string[]> {
  const roots = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath);
  const sweeps = await vscode.workspace.findFiles('**/*.sweep.json', '**/{node_modules,runs}/**', 200);
  const beside = sweeps.map(({ fsPath }) => path.dirname(fsPath));
  const known = rememberedFolders(context);
  return [...new Set([...[...roots, ...beside].map((folder) => path.join(folder, 'runs')), ...known])];
}

/**
 * The most likely folders of runs, found without a search: at the roots of the workspace, and where runs were
 * started before.
 */
export function startedFolders(context: vscode.ExtensionContext): readonly string[] {
  const roots = (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => path.join(uri.fsPath, 'runs'));
  return [...new Set([...roots, ...rememberedFolders(context)])];
}

function rememberedFolders(context: vscode.ExtensionContext): readonly string[] {
  return context.workspaceState.get<readonly string[]>(remembered, []);
}

/** Stores the folder of a run, so that the next session finds it again. */
export async function rememberRun(context: vscode.ExtensionContext, run: string): Promise<void> {
  const folder = path.dirname(run);
  const known = rememberedFolders(context);
  const folders = [folder, ...known.filter((other) => other !== folder)].slice(0, mostRemembered);
  await context.workspaceState.update(remembered, folders);
}
