import * as vscode from 'vscode';
import { isLive, progressText } from '../runs/runStatus.ts';
import type { RunsModel } from '../runs/runsModel.ts';

/**
 * While a run is live, shows its running arm and remaining time, and afterwards its verdict. Selecting it opens the
 * run.
 */
export function statusBar(runs: RunsModel): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('rankscope.run', vscode.StatusBarAlignment.Left, 10);
  item.name = vscode.l10n.t('Rankscope Run');
  const show = () => {
    const live = runs.runs.flatMap(({ run }) => runs.view(run) ?? []).filter(({ state }) => isLive(state));
    const [first] = live;
    if (first === undefined) {
      showAnswer(item, runs);
      return;
    }
    const icon = first.state === 'paused' ? '$(debug-pause)' : '$(sync~spin)';
    const more = live.length > 1 ? ` +${live.length - 1}` : '';
    item.text = `${icon} ${progressText(first, vscode.l10n.t)}${more}`;
    item.tooltip = live.map((view) => `${view.name}: ${progressText(view, vscode.l10n.t)}`).join('\n');
    item.command = { command: 'rankscope.showRun', title: vscode.l10n.t('Show Run'), arguments: [{ run: first.run }] };
    item.show();
  };
  return vscode.Disposable.from(item, runs.onDidChange(show));
}

/** Characters of a verdict that fit into the status bar. */
const longest = 60;

/** Shows the verdict on the newest run that was followed to its end in this window. Hidden before there is one. */
function showAnswer(item: vscode.StatusBarItem, runs: RunsModel): void {
  const [ended] = runs.runs.flatMap(({ run }) => runs.view(run) ?? []);
  const answer = ended?.metrics?.verdict?.answer;
  if (ended === undefined || answer === undefined) {
    item.hide();
    return;
  }
  item.text = `$(pass) ${answer.length > longest ? `${answer.slice(0, longest - 1)}…` : answer}`;
  item.tooltip = `${ended.name}: ${answer}`;
  item.command = { command: 'rankscope.showRun', title: vscode.l10n.t('Show Run'), arguments: [{ run: ended.run }] };
  item.show();
}
