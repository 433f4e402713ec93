import { visibleNotification } from '../protocol/messages/editor.ts';
import { runCommand } from './commands/runCommand.ts';
import { safely } from './session/faultLog.ts';
import { labelFileEnding } from '../judges/labels/labelFile.ts';
import * as messages from './session/messages.ts';
import { responseError } from './session/responseError.ts';
import type { ServerState } from './session/serverState.ts';
import { changedSettings } from './session/useSettings.ts';

/** Registers the editor's notifications, and commands. */
export function registerSync(state: ServerState): void {
  const { connection, documents, publisher, judging } = state;
  const on =
    <Value>(handler: (value: Value) => void) =>
    (value: Value) =>
      safely(connection, () => handler(value));
  connection.onDidOpenTextDocument(
    on((given: unknown) => {
      const { textDocument } = messages.checked(messages.openParams, given, 'didOpen');
      documents.open(textDocument);
      const session = documents.get(textDocument.uri);
      if (session !== undefined) judging.tell(session);
    }),
  );
  connection.onDidChangeTextDocument(
    on((given: unknown) => {
      const { textDocument, contentChanges } = messages.checked(messages.changeParams, given, 'didChange');
      documents.get(textDocument.uri)?.change(contentChanges, textDocument.version);
    }),
  );
  connection.onDidCloseTextDocument(
    on((given: unknown) => {
      const { uri } = messages.checked(messages.aboutDocument, given, 'didClose').textDocument;
      documents.close(uri);
      publisher.closed(uri);
      judging.closed(uri);
    }),
  );
  connection.onDidChangeConfiguration((given: unknown) => void changedSettings(state, given));
  connection.onDidChangeWatchedFiles(on((given: unknown) => labelsChanged(state, given)));
  connection.onNotification(
    visibleNotification.method,
    on((given: unknown) => {
      const { uri, startLine, endLine } = messages.checked(visibleNotification.params, given, 'rankscope/visible');
      documents.get(uri)?.show(startLine, endLine);
    }),
  );
  connection.onExecuteCommand(async (given: unknown) => {
    try {
      const { command, arguments: list } = messages.checked(messages.commandParams, given, 'executeCommand');
      return (await runCommand(command, list ?? [], state)) ?? null;
    } catch (error) {
      throw responseError(error);
    }
  });
}

function labelsChanged({ documents, publisher }: ServerState, given: unknown): void {
  for (const { uri } of messages.checked(messages.watchedFilesParams, given, 'didChangeWatchedFiles').changes) {
    if (!uri.endsWith(labelFileEnding)) continue;
    const document = uri.slice(0, -labelFileEnding.length);
    if (documents.get(document) === undefined) continue;
    publisher.outdated(document);
    void documents.readLabels(document);
  }
}
