import * as path from 'node:path';
import * as vscode from 'vscode';
import { findModels } from '../workspace/findModels.ts';
import type { Refreshable } from './refreshable.ts';

interface ModelNode {
  readonly model: string;
  readonly kind: 'gguf' | 'folder';
}

/** Checkpoints in the workspace and in the folders of the settings. Only their names are read. */
export function modelsTree(): Refreshable {
  const changed = new vscode.EventEmitter<undefined>();
  const view = vscode.window.registerTreeDataProvider<ModelNode>('rankscope.models', {
    onDidChangeTreeData: changed.event,
    getChildren: async (node) =>
      node !== undefined ? [] : (await findModels()).map((found) => ({ model: found.path, kind: found.kind })),
    getTreeItem: ({ model, kind }) => {
      const item = new vscode.TreeItem(path.basename(model));
      item.id = model;
      item.description = kind === 'gguf' ? 'GGUF' : 'Hugging Face';
      item.tooltip = model;
      item.iconPath = new vscode.ThemeIcon('package');
      item.contextValue = 'model';
      return item;
    },
  });
  const settings = vscode.workspace.onDidChangeConfiguration((event) => {
    if (event.affectsConfiguration('rankscope.modelFolders')) changed.fire(undefined);
  });
  const disposable = vscode.Disposable.from(changed, view, settings);
  return { refresh: () => changed.fire(undefined), dispose: () => void disposable.dispose() };
}
