import * as vscode from 'vscode';
import { isDataSetName } from './dataSetNames.ts';

const skipped = '**/{node_modules,.git,runs,checkpoints}/**';
const most = 500;

/** Data set files of the workspace, sorted by name. Files inside runs are results and are left out. */
export async function findDataSets(): Promise<readonly vscode.Uri[]> {
  const found = await vscode.workspace.findFiles('**/*.{jsonl,csv,tsv,prompts.txt}', skipped, most);
  return found.filter(({ path }) => isDataSetName(path)).sort((a, b) => a.path.localeCompare(b.path));
}
