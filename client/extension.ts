/** Entry of the extension. Registration is cheap; the language server starts when a feature needs it. */
import * as vscode from 'vscode';
import { z } from 'zod';
import { completionDocuments } from './completions/completionDocuments.ts';
import { registerCommands } from './commandTable.ts';
import { followResumed, tellEnd } from './control/launchSweep.ts';
import type { Host } from './host/host.ts';
import { PanelsHost } from './panels/panelsHost.ts';
import { resumeOrphanedRuns } from './control/resumeOrphanedRuns.ts';
import { RunsModel } from './runs/runsModel.ts';
import { StartingSweeps } from './host/startingSweeps.ts';
import { judgingStatus } from './server/judgingStatus.ts';
import { LanguageServer } from './server/languageServer.ts';
import { startForDataSets } from './server/startForDataSets.ts';
import { visibleLines } from './server/visibleLines.ts';
import { statusBar } from './views/statusBar.ts';
import { sweepDiagnostics } from './sweeps/file/sweepDiagnostics.ts';
import { sweepLenses } from './sweeps/file/sweepLenses.ts';
import { sweepSchema } from './sweeps/file/sweepSchema.ts';
import { compareTool } from './tool/compareTool.ts';
import { dataSetsTree } from './views/dataSetsTree.ts';
import { modelsTree } from './views/modelsTree.ts';
import { runsTree } from './views/runsTree.ts';

/** The interface for tests and other extensions: whether the server runs, and how long activation took. */
export interface Api {
  readonly serverRunning: () => boolean;
  readonly activationMilliseconds: number;
}

let server: LanguageServer | undefined;

export function activate(context: vscode.ExtensionContext): Api {
  const began = performance.now();
  // Turns off compiled validators in zod, so that the editor's own process creates no code from text.
  z.config({ jitless: true });
  const log = vscode.window.createOutputChannel('Rankscope', { log: true });
  const running = new LanguageServer(context, log);
  server = running;
  const runs = new RunsModel(context, running, log);
  const panels = new PanelsHost(context, running, log);
  const models = modelsTree();
  const dataSets = dataSetsTree();
  const refreshViews = () => {
    models.refresh();
    dataSets.refresh();
  };
  const starting = new StartingSweeps(context.workspaceState);
  const host: Host = { context, log, server: running, runs, panels, starting, refreshViews };
  context.subscriptions.push(
    ...[log, running, runs, panels, models, dataSets],
    ...[registerCommands(host), runsTree(host), statusBar(runs), compareTool(host)],
    ...[sweepLenses(host), sweepDiagnostics(host), sweepSchema(context), completionDocuments(running)],
    ...[startForDataSets(running, log), visibleLines(running), judgingStatus(running)],
    resumeOrphanedRuns(host),
    runs.onDidEnd((view) => void tellEnd(host, view)),
    panels.onDidResume((run) => void followResumed(host, run)),
  );
  const activationMilliseconds = performance.now() - began;
  log.info(`Activated in ${activationMilliseconds.toFixed(0)} ms.`);
  return { serverRunning: () => running.running, activationMilliseconds };
}

/** Ends the language server. The server ends its engines and leaves their runs to the next server. */
export async function deactivate(): Promise<void> {
  await server?.end();
}
