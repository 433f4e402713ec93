import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InitializeParams } from 'vscode-languageserver';
import { resolveJudgeSpec } from '../../judges/resolveJudgeSpec.ts';
import type { EditorJudge } from '../../protocol/messages/editor.ts';
import { initializeParams } from './messages.ts';

/** Paths of the folders that the client has open. Empty where it has none, or where their URIs are no files. */
export function workspaceFolders(params: InitializeParams): readonly string[] {
  const { workspaceFolders: folders, rootUri } = initializeParams.parse(params);
  const uris = [...(folders ?? []).map((folder) => folder?.uri), rootUri];
  return uris.flatMap((uri) => pathOf(uri ?? '') ?? []);
}

function pathOf(uri: string): string | undefined {
  if (!uri.startsWith('file:')) return undefined;
  try {
    return fileURLToPath(uri);
  } catch {
    return undefined;
  }
}

/** The workspace folder that holds a document, or else the first; undefined where no folder is open. */
export function folderOf(uri: string, folders: readonly string[]): string | undefined {
  const path = pathOf(uri);
  return folders.find((folder) => path?.startsWith(folder.endsWith(sep) ? folder : folder + sep)) ?? folders[0];
}

/** Makes a path of the settings absolute: `~/` is the home folder, and relative paths start from the workspace folder. */
export function absolutePath(path: string, folder: string | undefined): string {
  if (/^~[\\/]/.test(path)) return join(homedir(), path.slice(2));
  return folder === undefined ? path : resolve(folder, path);
}

/** The judge of the settings with its paths made absolute; a model that is not on the disk may be a hub id. */
export function withAbsolutePaths(spec: EditorJudge, folder: string | undefined): EditorJudge {
  return resolveJudgeSpec(spec, {
    file: (path) => absolutePath(path, folder),
    model: (reference) => {
      const path = absolutePath(reference, folder);
      return existsSync(path) || /^[.~/]/.test(reference) ? path : reference;
    },
  });
}
