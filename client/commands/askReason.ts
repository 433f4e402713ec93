import * as vscode from 'vscode';
import { editorCommands } from '../../server/protocol/messages/editorCommands.ts';
import type { LanguageServer } from '../server/languageServer.ts';

/** Asks for the reason of a label, for a code action of the server, and then stores the label. */
export async function askReason(server: LanguageServer, given: unknown): Promise<void> {
  const label = editorCommands['rankscope.label'].params.parse(given);
  const reason = await vscode.window.showInputBox({
    title: vscode.l10n.t('Why?'),
    prompt: vscode.l10n.t('The reason is kept with the label.'),
    ignoreFocusOut: true,
  });
  if (reason === undefined) return;
  await server.start();
  await vscode.commands.executeCommand('rankscope.label', { ...label, ...(reason !== '' && { reason }) });
}
