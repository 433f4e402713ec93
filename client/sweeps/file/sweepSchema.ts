import * as vscode from 'vscode';
import { schemaAddress } from '../forms/sweepText.ts';

/**
 * Serves the sweep file's JSON schema as a file system of one file. VS Code reads it when a sweep file is opened,
 * because of the manifest's `jsonValidation` or of the file's `$schema`. This read activates the extension.
 * `onLanguage:json` would activate it for every JSON file.
 */
export function sweepSchema(context: vscode.ExtensionContext): vscode.Disposable {
  const { scheme, path: served } = vscode.Uri.parse(schemaAddress);
  const file = vscode.Uri.joinPath(context.extensionUri, 'media', 'sweep.schema.json');
  const known = (uri: vscode.Uri) => {
    if (uri.path !== served) throw vscode.FileSystemError.FileNotFound(uri);
    return file;
  };
  const refused = (uri: vscode.Uri) => vscode.FileSystemError.NoPermissions(uri);
  const provider: vscode.FileSystemProvider = {
    onDidChangeFile: () => new vscode.Disposable(() => undefined),
    watch: () => new vscode.Disposable(() => undefined),
    stat: (uri) => vscode.workspace.fs.stat(known(uri)),
    readFile: (uri) => vscode.workspace.fs.readFile(known(uri)),
    readDirectory: () => [[served.slice(1), vscode.FileType.File]],
    createDirectory: (uri) => {
      throw refused(uri);
    },
    writeFile: (uri) => {
      throw refused(uri);
    },
    delete: (uri) => {
      throw refused(uri);
    },
    rename: (uri) => {
      throw refused(uri);
    },
  };
  return vscode.workspace.registerFileSystemProvider(scheme, provider, { isReadonly: true });
}
