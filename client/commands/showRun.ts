import * as vscode from 'vscode';
import type { Host } from '../host/host.ts';
import { commandArgument } from '../pick/commandArgument.ts';
import { pickArm, pickRun } from '../pick/pickRun.ts';

export async function showRun(host: Host, given: unknown): Promise<void> {
  const run = await pickRun(host, given, { title: vscode.l10n.t('Show which run?') });
  if (run !== undefined) host.panels.show({ panel: 'run', run, baseline: host.runs.baseline(run) });
}

/** Shows the newest run of a sweep file, or the newest of all. */
export async function showLastResult(host: Host, given: unknown): Promise<void> {
  const { file } = commandArgument(given);
  await host.runs.refresh();
  const last = host.runs.last(file);
  if (last === undefined) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There is no result yet.'));
    return;
  }
  host.panels.show({ panel: 'run', run: last.run, baseline: host.runs.baseline(last.run) });
}

/** Pins the arm to which differences of this run are computed from now on. */
export async function pinBaseline(host: Host, given: unknown): Promise<void> {
  const run = await pickRun(host, given, { title: vscode.l10n.t('Pin a baseline of which run?') });
  if (run === undefined) return;
  const title = vscode.l10n.t('Which arm is the baseline?');
  const arm = commandArgument(given).arm ?? (await pickArm(host, run, { title }));
  if (arm === undefined) return;
  await host.runs.pin(run, arm);
  host.panels.show({ panel: 'run', run, baseline: arm });
}

export async function revealRun(given: unknown): Promise<void> {
  const { run } = commandArgument(given);
  if (run !== undefined) await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(run));
}
