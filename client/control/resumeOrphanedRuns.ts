/** Resumes sweeps that a reload of the window or the end of the language server has interrupted. */
import * as path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import { goOn } from './controlRun.ts';
import type { Host } from '../host/host.ts';
import { errorMessage, wasCancelled } from '../server/errorMessage.ts';
import { anyOwned, isRecent, sortOrphanedRuns } from './orphanedRuns.ts';
import { startedFolders } from '../workspace/runFolders.ts';

/** How often and how many times to check for runs of the window's previous server, which may take a while to end; ms. */
const every = 1000;
const most = 60;

/** Checks at activation and whenever the server starts. Starts no server where there is nothing to resume. */
export function resumeOrphanedRuns(host: Host): vscode.Disposable {
  let looking: Promise<void> | undefined;
  const stop = new AbortController();
  const look = () => {
    looking ??= lookForLeft(host, stop.signal)
      .catch((error: unknown) => {
        if (!wasCancelled(error) && !stop.signal.aborted) host.log.warn(`Going on with runs: ${errorMessage(error)}`);
      })
      .finally(() => (looking = undefined));
  };
  look();
  return vscode.Disposable.from(
    host.server.onDidStart(look),
    vscode.workspace.onDidGrantWorkspaceTrust(look),
    new vscode.Disposable(() => stop.abort()),
  );
}

async function lookForLeft(host: Host, signal: AbortSignal): Promise<void> {
  const wanted = vscode.workspace.getConfiguration('rankscope').get<boolean>('resumeAfterReload', true);
  if (!wanted || !vscode.workspace.isTrusted) return;
  for (const { file, time } of await host.starting.takeLost()) {
    if (isRecent(time, Date.now())) void vscode.commands.executeCommand('rankscope.runSweep', { file });
  }
  const folders = [...startedFolders(host.context)];
  if (!(await anyOwned(folders))) return;
  const asked = new Set<string>();
  for (let times = 0; times < most && !signal.aborted; times += 1) {
    const { resume, ask, wait } = sortOrphanedRuns(await host.server.request('runs.orphaned', { folders }), Date.now());
    for (const run of resume) await resumeOne(host, run);
    for (const run of ask.filter((one) => !asked.has(one))) {
      asked.add(run);
      void offer(host, run);
    }
    if (wait.length === 0) return;
    await setTimeout(every, undefined, { signal });
  }
}

/** Resumes one run. If that fails, it reports the error and shows the run. */
async function resumeOne(host: Host, run: string): Promise<void> {
  host.log.info(`Run ${run} goes on from its last checkpoint.`);
  const options = {
    location: vscode.ProgressLocation.Window,
    title: vscode.l10n.t('Going on with {0}', path.basename(run)),
  };
  try {
    await vscode.window.withProgress(options, () => goOn(host, run));
  } catch (error) {
    if (wasCancelled(error)) return;
    void vscode.window.showErrorMessage(
      vscode.l10n.t('{0} does not go on: {1}', path.basename(run), errorMessage(error)),
    );
  }
}

async function offer(host: Host, run: string): Promise<void> {
  const resume = vscode.l10n.t('Resume Run');
  const message = vscode.l10n.t('{0} was running when its window was closed.', path.basename(run));
  if ((await vscode.window.showInformationMessage(message, resume)) === resume) await resumeOne(host, run);
}
