import * as vscode from 'vscode';
import type { Host } from '../host/host.ts';
import { canResume, isLive } from '../runs/runStatus.ts';
import { requireTrust } from '../trust/requireTrust.ts';
import { commandArgument } from '../pick/commandArgument.ts';
import { pickArm, pickRun } from '../pick/pickRun.ts';
import { showProgress } from './launchSweep.ts';

export async function pauseRun(host: Host, given: unknown): Promise<void> {
  const title = vscode.l10n.t('Pause which run?');
  const run = await pickRun(host, given, { title, which: ({ state }) => state === 'running' });
  if (run !== undefined) await host.server.request('run.pause', { run });
}

export async function continueRun(host: Host, given: unknown): Promise<void> {
  const title = vscode.l10n.t('Continue which run?');
  const run = await pickRun(host, given, { title, which: ({ state }) => state === 'paused' });
  if (run !== undefined) await host.server.request('run.continue', { run });
}

/** Stops the training of one arm. The arm is then evaluated with the weights that it has. */
export async function stopArm(host: Host, given: unknown): Promise<void> {
  const title = vscode.l10n.t('Stop an arm of which run?');
  const run = await pickRun(host, given, { title, which: ({ state }) => isLive(state) });
  if (run === undefined) return;
  const arm = commandArgument(given).arm ?? (await pickArm(host, run, { title: vscode.l10n.t('Stop which arm?') }));
  if (arm !== undefined) await host.server.request('run.stopArm', { run, arm });
}

/** Stops a run. Its results so far are kept, and it can be resumed. */
export async function stopAll(host: Host, given: unknown): Promise<void> {
  const title = vscode.l10n.t('Stop all arms of which run?');
  const run = await pickRun(host, given, { title, which: ({ state }) => isLive(state) });
  if (run !== undefined) await host.server.request('run.cancel', { run });
}

/** Resumes a run from its last checkpoint. */
export async function resumeRun(host: Host, given: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('no run is resumed.'));
  const title = vscode.l10n.t('Resume which run?');
  const run = await pickRun(host, given, { title, which: ({ state }) => canResume(state) });
  if (run === undefined) return;
  await goOn(host, run);
  host.panels.show({ panel: 'run', run, baseline: host.runs.baseline(run) });
}

/** Resumes a run. If its panel is open, the page of the panel watches it again. */
export async function goOn(host: Host, run: string): Promise<void> {
  await host.server.request('run.resume', { run });
  await host.runs.adopt(run);
  host.panels.renew(run);
  void showProgress(host, run);
}
