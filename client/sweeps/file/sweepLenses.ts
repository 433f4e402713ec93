import * as vscode from 'vscode';
import type { Host } from '../../host/host.ts';

/** Over a sweep file: run it, estimate it, plan it, show its last result. What would run something is not offered untrusted. */
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

/** A sweep about labels cannot be planned: its base does not say how often its arms will be wrong. */
function isAboutLabels(text: string): boolean {
  return /"experiment"\s*:\s*"classification"/.test(text);
}
