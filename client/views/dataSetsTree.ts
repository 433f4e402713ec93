import * as path from 'node:path';
import * as vscode from 'vscode';
import { isDataSetName } from '../workspace/dataSetNames.ts';
import { findDataSets } from '../workspace/findDataSets.ts';
import type { Refreshable } from './refreshable.ts';
import { throttled } from './throttled.ts';

interface DataSetNode {
  readonly file: string;
}

/** The data set files of the workspace. Selecting one opens it, which also judges it. */
export function dataSetsTree(): Refreshable {
  const changed = new vscode.EventEmitter<undefined>();
  const redraw = throttled(() => changed.fire(undefined), 1000);
  let watcher: vscode.Disposable | undefined;
  const view = vscode.window.registerTreeDataProvider<DataSetNode>('rankscope.dataSets', {
    onDidChangeTreeData: changed.event,
    getChildren: async (node) => {
      if (node !== undefined) return [];
      // Watching starts when the view is first shown, so that a hidden view costs nothing.
      watcher ??= watch(redraw.call);
      return (await findDataSets()).map(({ fsPath }) => ({ file: fsPath }));
    },
    getTreeItem: ({ file }) => {
      const uri = vscode.Uri.file(file);
      const item = new vscode.TreeItem(uri);
      item.id = file;
      item.description = vscode.workspace.asRelativePath(path.dirname(file));
      item.contextValue = 'dataSet';
      item.command = { command: 'vscode.open', title: vscode.l10n.t('Open'), arguments: [uri] };
      return item;
    },
  });
  const disposable = vscode.Disposable.from(changed, view, redraw);
  return {
    refresh: redraw.call,
    dispose: () => {
      watcher?.dispose();
      void disposable.dispose();
    },
  };
}

function watch(onChange: () => void): vscode.Disposable {
  const watcher = vscode.workspace.createFileSystemWatcher('**/*.{jsonl,csv,tsv}', false, true, false);
  const hear = ({ path: changed }: vscode.Uri) => {
    if (isDataSetName(changed) && !/\/(runs|checkpoints|node_modules)\//.test(changed)) onChange();
  };
  return vscode.Disposable.from(watcher, watcher.onDidCreate(hear), watcher.onDidDelete(hear));
}
