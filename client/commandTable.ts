/** Every command of the extension. package.json declares the same ones. */
import * as vscode from 'vscode';
import type { Host } from './host/host.ts';
import { errorMessage, wasCancelled } from './server/errorMessage.ts';
import { newSweep } from './sweeps/wizard/newSweep.ts';
import { requireTrust } from './trust/requireTrust.ts';
import { openDemo, runDemo } from './control/openDemo.ts';
import { askReason } from './commands/askReason.ts';
import { commandArgument } from './pick/commandArgument.ts';
import { compareRanks, diffCompletions } from './commands/compareRanks.ts';
import { continueRun, pauseRun, resumeRun, stopAll, stopArm } from './control/controlRun.ts';
import { judge, labelNextText, nextFlaggedText, sweepOnThis } from './commands/dataSetCommands.ts';
import { copyMetrics, exportRun } from './commands/exportRun.ts';
import { openFile, openLine } from './commands/openFile.ts';
import { reportIssue } from './commands/reportIssue.ts';
import { reviewFlagged, reviewRun } from './commands/review.ts';
import { useColumn } from './commands/useColumn.ts';
import { estimateSweep, launchSweep } from './control/launchSweep.ts';
import { planSweep } from './control/planSweep.ts';
import { pinBaseline, revealRun, showLastResult, showRun } from './commands/showRun.ts';
import { showArmInText, showLens, tryPrompt } from './commands/tryPrompt.ts';

type Command = (host: Host, given: unknown) => unknown;

/**
 * Commands by id without the prefix `rankscope.`. `given` is the argument from a menu, a lens, a panel or another
 * extension.
 */
const commandTable: Readonly<Record<string, Command>> = {
  newSweep: (host) => {
    requireTrust(vscode.l10n.t('no sweep is written.'));
    return newSweep(host);
  },
  sweepOnModel: (host, given) => {
    const { model } = commandArgument(given);
    return newSweep(host, model === undefined ? {} : { model: { kind: 'path', path: model } });
  },
  sweepOnThis,
  runSweep: launchSweep,
  estimateSweep,
  planSweep,
  showLastResult,
  showRun,
  judge,
  nextFlaggedText,
  labelNextText,
  askReason: ({ server }, given) => askReason(server, given),
  useColumn: (_, given) => useColumn(given),
  compareRanks,
  diffCompletions,
  tryPrompt,
  showLens,
  showArmInText,
  pinBaseline,
  showDevices: ({ panels }) => panels.show({ panel: 'devices' }),
  reviewFlagged,
  reviewRun,
  exportRun,
  copyMetrics,
  pauseRun,
  continueRun,
  stopArm,
  stopAll,
  resumeRun,
  openDemo,
  runDemo,
  refresh: ({ runs, refreshViews }) => {
    refreshViews();
    return runs.refresh();
  },
  revealRun: (_, given) => revealRun(given),
  openFile: (_, given) => openFile(given),
  openLine: (_, given) => openLine(given),
  copyModel: (_, given) => vscode.env.clipboard.writeText(commandArgument(given).model ?? ''),
  showLog: ({ log }) => log.show(),
  restartServer: ({ server }) => server.restart(),
  reportIssue,
};

/** Registers all commands. An error is shown to the person and written to the log, so that nothing fails silently. */
export function registerCommands(host: Host): vscode.Disposable {
  const registered = Object.entries(commandTable).map(([id, command]) =>
    vscode.commands.registerCommand(`rankscope.${id}`, (given?: unknown) => guarded(host, id, command, given)),
  );
  return vscode.Disposable.from(...registered);
}

async function guarded(host: Host, id: string, command: Command, given: unknown): Promise<unknown> {
  try {
    return await command(host, given);
  } catch (error) {
    if (!wasCancelled(error)) void tellFailure(host, id, error);
    return undefined;
  }
}

async function tellFailure({ log }: Host, id: string, error: unknown): Promise<void> {
  log.error(`rankscope.${id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const showLog = vscode.l10n.t('Show Log');
  if ((await vscode.window.showErrorMessage(errorMessage(error), showLog)) === showLog) log.show();
}
