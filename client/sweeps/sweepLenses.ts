import * as vscode from 'vscode';
import type { Host } from '../host/host.ts';

/** Over a sweep file: run it, estimate it, show its last result. What would run something is not offered untrusted. */
export function sweepLenses(host: Host): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses: ({ uri }) => {
      const { t } = vscode.l10n;
      const given = [{ file: uri.fsPath }];
      const lenses = vscode.workspace.isTrusted
        ? [
            { title: `$(play) ${t('Run')}`, command: 'rankscope.runSweep', arguments: given },
            { title: `$(dashboard) ${t('Estimate')}`, command: 'rankscope.estimateSweep', arguments: given },
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
