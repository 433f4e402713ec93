import type { ClientCapabilities } from 'vscode-languageserver';

/** The capabilities of the client that the server acts on. */
export interface ClientSupport {
  /** Whether the client requests diagnostics. Then the server sends none by itself. */
  readonly pullDiagnostics: boolean;
  readonly refreshDiagnostics: boolean;
  readonly refreshHints: boolean;
  readonly refreshLenses: boolean;
  readonly refreshTokens: boolean;
  readonly relatedInformation: boolean;
  readonly markdown: boolean;
  readonly progress: boolean;
  readonly configuration: boolean;
  readonly configurationChanges: boolean;
  readonly watchedFiles: boolean;
  readonly documentChanges: boolean;
  readonly createFile: boolean;
  readonly applyEdit: boolean;
  readonly showDocument: boolean;
}

/** A capability that is missing or has an unexpected form counts as absent. */
export function clientSupport(capabilities: ClientCapabilities | null | undefined): ClientSupport {
  const { textDocument, workspace, window } = capabilities ?? {};
  return {
    pullDiagnostics: textDocument?.diagnostic != null,
    refreshDiagnostics: workspace?.diagnostics?.refreshSupport === true,
    refreshHints: workspace?.inlayHint?.refreshSupport === true,
    refreshLenses: workspace?.codeLens?.refreshSupport === true,
    refreshTokens: workspace?.semanticTokens?.refreshSupport === true,
    relatedInformation: textDocument?.publishDiagnostics?.relatedInformation === true || related(textDocument),
    markdown: list(textDocument?.hover?.contentFormat).includes('markdown'),
    progress: window?.workDoneProgress === true,
    configuration: workspace?.configuration === true,
    configurationChanges: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    watchedFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    documentChanges: workspace?.workspaceEdit?.documentChanges === true,
    createFile: list(workspace?.workspaceEdit?.resourceOperations).includes('create'),
    applyEdit: workspace?.applyEdit === true,
    showDocument: window?.showDocument?.support === true,
  };
}

function related(textDocument: ClientCapabilities['textDocument']): boolean {
  return textDocument?.diagnostic?.relatedInformation === true;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
