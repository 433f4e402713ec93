import * as path from 'node:path';
import * as vscode from 'vscode';
import type { RunView, SweepEstimate } from '../../server/protocol/messages/runsContract.ts';
import type { Host } from '../host/host.ts';
import { bytes, duration } from '../../server/measures/text/format.ts';
import { isLive, progressShare, progressText } from '../runs/runStatus.ts';
import { waitUntilRecorded } from './waitUntilRecorded.ts';
import { errorMessage } from '../server/errorMessage.ts';
import { mayDownload } from '../sweeps/wizard/mayDownload.ts';
import { requireTrust } from '../trust/requireTrust.ts';
import { pickSweepFile } from '../pick/pickSweepFile.ts';
import { cancellable } from './cancellable.ts';
import { noteHopeless } from './planSweep.ts';

/** Runs a sweep file: starts it, shows its panel, and reports progress until it has ended. */
export async function launchSweep(host: Host, given: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('no sweep is run.'));
  const file = await pickSweepFile(given);
  if (file === undefined || !(await mayDownload(file))) return;
  await noteHopeless(host, file);
  const starting = { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Starting the sweep') };
  const start = async () => {
    const started = await host.server.request('run.start', { file });
    await waitUntilRecorded(started.run);
    return started.run;
  };
  const isLost = () => !host.server.running;
  const run = await vscode.window.withProgress(starting, () => host.starting.during(file, start, isLost));
  host.log.info(`Run ${run} was started from ${file}.`);
  await vscode.commands.executeCommand('setContext', 'rankscope.runStarted', true);
  await host.runs.adopt(run);
  if (vscode.workspace.getConfiguration('rankscope').get<boolean>('showRunOnStart', true)) {
    host.panels.show({ panel: 'run', run, baseline: 'base' });
  }
  void showProgress(host, run);
}

/** A notification with the progress of a run and a button that stops it. */
export async function showProgress(host: Host, run: string): Promise<void> {
  const options = { location: vscode.ProgressLocation.Notification, title: path.basename(run), cancellable: true };
  await vscode.window.withProgress(options, async (progress, token) => {
    let shown = 0;
    token.onCancellationRequested(() => {
      host.server
        .request('run.cancel', { run })
        .catch((error: unknown) => void vscode.window.showErrorMessage(errorMessage(error)));
    });
    await host.runs.follow(run, (view) => {
      const share = 100 * (progressShare(view) ?? 0);
      // Each phase counts from zero, but the bar must never move backwards.
      progress.report({ message: progressText(view, vscode.l10n.t), increment: Math.max(0, share - shown) });
      shown = Math.max(shown, share);
    });
  });
}

/** Shows the progress of a run that was resumed from a panel. */
export async function followResumed(host: Host, run: string): Promise<void> {
  await host.runs.adopt(run);
  await showProgress(host, run);
}

/** Reports how a followed run has ended. */
export async function tellEnd(host: Host, view: RunView): Promise<void> {
  if (isLive(view.state)) return;
  const show = vscode.l10n.t('Show Result');
  const resume = vscode.l10n.t('Resume Run');
  if (view.state === 'finished') {
    await vscode.commands.executeCommand('setContext', 'rankscope.runFinished', true);
    const answer = view.metrics?.verdict?.answer;
    const ended =
      answer === undefined
        ? vscode.l10n.t('{0} has finished.', view.name)
        : vscode.l10n.t('{0}: {1}', view.name, answer);
    const chosen = await vscode.window.showInformationMessage(ended, show);
    if (chosen === show) host.panels.show({ panel: 'run', run: view.run, baseline: 'base' });
    return;
  }
  if (view.state === 'cancelled') return;
  const message = vscode.l10n.t(
    '{0} did not finish: {1}',
    view.name,
    view.failure ?? vscode.l10n.t('its engine is gone.'),
  );
  const chosen = await vscode.window.showWarningMessage(message, resume, show);
  if (chosen === resume) await vscode.commands.executeCommand('rankscope.resumeRun', { run: view.run });
  if (chosen === show) host.panels.show({ panel: 'run', run: view.run, baseline: 'base' });
}

/** Estimates the cost of a sweep, and offers to run it. */
export async function estimateSweep(host: Host, given: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('no model is opened to measure it.'));
  const file = await pickSweepFile(given);
  if (file === undefined || !(await mayDownload(file))) return;
  const title = vscode.l10n.t('Estimating {0}', path.basename(file));
  const estimate = await cancellable(title, (watched) => host.server.request('estimate', { file }, watched));
  await showEstimate(file, estimate);
}

async function showEstimate(file: string, estimate: SweepEstimate): Promise<void> {
  const { t } = vscode.l10n;
  const detail = [
    t('Time: about {0}', duration(estimate.seconds, t)),
    t('Memory: {0} of {1} available', bytes(estimate.memoryBytes), bytes(estimate.availableMemoryBytes)),
    t('Disk: {0} of {1} available', bytes(estimate.diskBytes), bytes(estimate.availableDiskBytes)),
    estimate.basis,
  ].join('\n');
  const title = t('Estimate of {0}', path.basename(file));
  if (estimate.refusal !== undefined) {
    await vscode.window.showWarningMessage(title, { modal: true, detail: `${estimate.refusal}\n\n${detail}` });
    return;
  }
  const run = t('Run Sweep');
  const chosen = await vscode.window.showInformationMessage(title, { modal: true, detail }, run);
  if (chosen === run) await vscode.commands.executeCommand('rankscope.runSweep', { file });
}
