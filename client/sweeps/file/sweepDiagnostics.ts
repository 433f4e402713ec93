import * as vscode from 'vscode';
import { RankscopeError } from '../../../server/protocol/errors.ts';
import type { Host } from '../../host/host.ts';
import { errorMessage, wasCancelled } from '../../server/errorMessage.ts';
import { faultPlace } from './sweepFault.ts';

const isSweep = ({ uri }: vscode.TextDocument): boolean => uri.scheme === 'file' && uri.fsPath.endsWith('.sweep.json');

/**
 * Diagnostics for faults in sweep files that their schema does not find, e.g. a plan of too few steps. When a file
 * is saved, or opened while the language server runs, the engine reads the file and its data. Nothing is read in an
 * untrusted workspace.
 */
export function sweepDiagnostics({ server, log }: Pick<Host, 'server' | 'log'>): vscode.Disposable {
  const problems = vscode.languages.createDiagnosticCollection('rankscope-sweeps');
  const check = async (document: vscode.TextDocument): Promise<void> => {
    if (!isSweep(document) || !vscode.workspace.isTrusted) return;
    const { version } = document;
    try {
      const { notes } = await server.request('sweep.check', { file: document.uri.fsPath });
      const told = notes.map((note) => diagnostic(document, note, 'training', vscode.DiagnosticSeverity.Information));
      if (document.version === version) problems.set(document.uri, told);
    } catch (error) {
      if (wasCancelled(error)) return;
      log.warn(`${document.uri.fsPath}: ${errorMessage(error)}`);
      if (!(error instanceof RankscopeError) || document.version !== version) return;
      const { where } = error.details;
      problems.set(document.uri, [diagnostic(document, errorMessage(error), where, vscode.DiagnosticSeverity.Error)]);
    }
  };
  return vscode.Disposable.from(
    problems,
    vscode.workspace.onDidSaveTextDocument((document) => void check(document)),
    vscode.workspace.onDidOpenTextDocument((document) => {
      if (server.running) void check(document);
    }),
    vscode.workspace.onDidCloseTextDocument(({ uri }) => problems.delete(uri)),
  );
}

function diagnostic(
  document: vscode.TextDocument,
  message: string,
  where: string | undefined,
  severity: vscode.DiagnosticSeverity,
): vscode.Diagnostic {
  const { start, end } = faultPlace(document.getText(), document.uri.fsPath, { where });
  const range = new vscode.Range(document.positionAt(start), document.positionAt(end));
  const problem = new vscode.Diagnostic(range, message, severity);
  problem.source = 'Rankscope';
  return problem;
}
