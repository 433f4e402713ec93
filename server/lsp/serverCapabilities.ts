import { CodeActionKind, type ServerCapabilities, TextDocumentSyncKind } from 'vscode-languageserver';
import { editorCommands } from '../protocol/messages/editorCommands.ts';
import type { ClientSupport } from './session/clientSupport.ts';
import { source } from './features/diagnostics.ts';
import { tokenLegend } from './features/semanticTokens.ts';

/** The server's capabilities. A client that pulls diagnostics is not sent any, since most clients would show both. */
export function serverCapabilities({ pullDiagnostics }: ClientSupport): ServerCapabilities {
  return {
    positionEncoding: 'utf-16',
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: false },
    hoverProvider: true,
    inlayHintProvider: true,
    codeLensProvider: {},
    codeActionProvider: { codeActionKinds: [CodeActionKind.QuickFix] },
    documentSymbolProvider: true,
    semanticTokensProvider: { legend: tokenLegend, full: true, range: true },
    executeCommandProvider: { commands: Object.keys(editorCommands) },
    ...(pullDiagnostics && {
      diagnosticProvider: { identifier: source, interFileDependencies: false, workspaceDiagnostics: false },
    }),
  };
}
