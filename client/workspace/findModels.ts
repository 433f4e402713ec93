import * as path from 'node:path';
import * as vscode from 'vscode';

/** A checkpoint on this disk: a GGUF file or a Hugging Face folder. Only its name has been read. */
export interface FoundModel {
  readonly path: string;
  readonly kind: 'gguf' | 'folder';
}

const skipped = '**/{node_modules,.git,runs,checkpoints}/**';
const most = 100;

/** Models in the workspace and in the folders of the settings, sorted by name. */
export async function findModels(): Promise<readonly FoundModel[]> {
  const folders = vscode.workspace.getConfiguration('rankscope').get<readonly string[]>('modelFolders', []);
  const places: readonly (vscode.Uri | undefined)[] = [undefined, ...folders.map((folder) => vscode.Uri.file(folder))];
  const found = await Promise.all(places.map(modelsUnder));
  const byPath = new Map(found.flat().map((model) => [model.path, model]));
  return [...byPath.values()].sort((a, b) => a.path.localeCompare(b.path));
}

async function modelsUnder(base: vscode.Uri | undefined): Promise<readonly FoundModel[]> {
  const find = (glob: string) =>
    vscode.workspace.findFiles(base === undefined ? glob : new vscode.RelativePattern(base, glob), skipped, most);
  const [gguf, weights] = await Promise.all([find('**/*.gguf'), find('**/model*.safetensors')]);
  const folders = new Set(weights.map(({ fsPath }) => path.dirname(fsPath)));
  return [
    ...gguf.map(({ fsPath }) => ({ path: fsPath, kind: 'gguf' as const })),
    ...[...folders].map((folder) => ({ path: folder, kind: 'folder' as const })),
  ];
}
