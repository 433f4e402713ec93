import * as vscode from 'vscode';
import { schemaAddress } from './sweepText.ts';

/** Serves the sweep file's JSON schema under the address that new sweep files name as their `$schema`. */
export function sweepSchema(context: vscode.ExtensionContext): vscode.Disposable {
  const { scheme } = vscode.Uri.parse(schemaAddress);
  const file = vscode.Uri.joinPath(context.extensionUri, 'media', 'sweep.schema.json');
  return vscode.workspace.registerTextDocumentContentProvider(scheme, {
    provideTextDocumentContent: async () => Buffer.from(await vscode.workspace.fs.readFile(file)).toString('utf8'),
  });
}
