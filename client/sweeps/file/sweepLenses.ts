import * as vscode from 'vscode';
import type { Host } from '../../host/host.ts';

/**
 * Lenses on a sweep file: run, estimate, plan, show the last result. An untrusted workspace has no lens that would
 * run something.
 */
export function sweepLenses(host: Host): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses: (document) => {
      const { t } = vscode.l10n;
      const given = [{ file: document.uri.fsPath }];
      const plan = {
        title: `$(telescope) ${t('Plan: chance of a verdict')}`,
        command: 'rankscope.planSweep',
        arguments: given,
      };
      const lenses = vscode.workspace.isTrusted
        ? [
            { title: `$(play) ${t('Run')}`, command: 'rankscope.runSweep', arguments: given },
            { title: `$(dashboard) ${t('Estimate')}`, command: 'rankscope.estimateSweep', arguments: given },
            ...(isAboutLabels(document.getText()) ? [] : [plan]),
          ]
        : [];
      const last = {
        title: `$(graph) ${t('Show last result')}`,
        command: 'rankscope.showLastResult',
        arguments: given,
      };
      return [...lenses, last].map((command) => new vscode.CodeLens(new vscode.Range(0, 0, 0, 0), command));
    },
  };
  const selector = { scheme: 'file', pattern: '**/*.sweep.json' };
  return vscode.Disposable.from(
    changed,
    vscode.languages.registerCodeLensProvider(selector, provider),
    vscode.workspace.onDidGrantWorkspaceTrust(() => changed.fire()),
    host.runs.onDidEnd(() => changed.fire()),
  );
}

/** A classification sweep cannot be planned, since its base does not predict the errors of its arms. */
function isAboutLabels(text: string): boolean {
  return /"experiment"\s*:\s*"classification"/.test(text);
}
