import { existsSync } from 'node:fs';
import { parse } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Connection } from 'vscode-languageserver';
import { RankscopeError } from '../../protocol/errors.ts';
import type { ClientSupport } from '../session/clientSupport.ts';
import type { JudgedDocument } from '../documents/judgedDocument.ts';
import { hasRows } from '../features/rowSpans.ts';
import { splitFlagged } from '../features/splitFlagged.ts';

/** Asks the editor to move the flagged lines into a new file. Resolves with its URI, or null where nothing is flagged. */
export async function applySplit(
  document: JudgedDocument,
  { connection, support }: { readonly connection: Connection; readonly support: ClientSupport },
): Promise<{ readonly uri: string } | null> {
  if (!support.applyEdit || !support.documentChanges || !support.createFile) {
    throw cannotSplit(
      document.uri,
      'The editor cannot create files at the wish of a language server (resource operation "create").',
      'Find the lines with "rankscope judge FILE" and move them by hand.',
    );
  }
  if (!hasRows(document)) {
    const what = 'The records of this file are not a line each, and cannot be moved by lines.';
    throw cannotSplit(document.uri, what, 'Write it as JSON Lines, an object a line.');
  }
  const uri = freeName(document.uri);
  const edit = splitFlagged(document, uri);
  if (edit === undefined) return null;
  const { applied, failureReason } = await connection.workspace.applyEdit({ label: 'Split flagged lines', edit });
  if (applied) return { uri };
  throw cannotSplit(
    document.uri,
    `The editor refused the edit: ${failureReason ?? 'it gave no reason'}.`,
    'Try again.',
  );
}

/** `name.flagged.jsonl` beside the document, with a number where that file exists. */
function freeName(uri: string): string {
  if (!uri.startsWith('file:')) {
    throw cannotSplit(uri, 'The document is no file, so there is no place beside it.', 'Save the document first.');
  }
  const { dir, name, ext } = parse(fileURLToPath(uri));
  for (let count = 1; ; count++) {
    const path = `${dir}/${name}.flagged${count === 1 ? '' : `-${count}`}${ext}`;
    if (!existsSync(path)) return pathToFileURL(path).href;
  }
}

function cannotSplit(where: string, what: string, remedy: string): RankscopeError {
  return new RankscopeError({ code: 'usage', what, where, remedy });
}
