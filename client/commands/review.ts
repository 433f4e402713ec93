import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Host } from '../host/host.ts';
import { isDataSetName } from '../workspace/dataSetNames.ts';
import { findDataSets } from '../workspace/findDataSets.ts';
import { commandArgument } from '../pick/commandArgument.ts';
import { pickArm, pickRun } from '../pick/pickRun.ts';
import { showList } from '../pick/showList.ts';

/** Opens the panel in which a person reviews flagged texts, of a data set or of a run's completions. */
export async function reviewFlagged(host: Host, given: unknown): Promise<void> {
  const { run, file } = commandArgument(given);
  if (run !== undefined) return reviewRun(host, given);
  const chosen = file ?? dataSetInFront() ?? (await pickSource(host));
  if (chosen !== undefined) host.panels.show({ panel: 'review', file: chosen });
}

/** Opens the review of one arm's completions. */
export async function reviewRun(host: Host, given: unknown): Promise<void> {
  const run = await pickRun(host, given, { title: vscode.l10n.t('Review completions of which run?') });
  if (run === undefined) return;
  const arm = commandArgument(given).arm ?? (await pickArm(host, run, { title: vscode.l10n.t('Which arm?') }));
  if (arm !== undefined) host.panels.show({ panel: 'review', file: path.join(run, 'arms', arm, 'completions.jsonl') });
}

function dataSetInFront(): string | undefined {
  const document = vscode.window.activeTextEditor?.document;
  return document?.uri.scheme === 'file' && isDataSetName(document.fileName) ? document.fileName : undefined;
}

async function pickSource(host: Host): Promise<string | undefined> {
  await host.runs.refresh();
  const sets = await findDataSets();
  const ofRuns = host.runs.runs.flatMap(({ run, name, arms }) =>
    arms.map(({ id }) => ({
      label: `$(graph) ${id}`,
      description: name,
      file: path.join(run, 'arms', id, 'completions.jsonl'),
    })),
  );
  const ofFiles = sets.map((uri) => ({
    label: `$(database) ${vscode.workspace.asRelativePath(uri)}`,
    description: '',
    file: uri.fsPath,
  }));
  const title = vscode.l10n.t('Review flagged texts of what?');
  return (await showList([...ofFiles, ...ofRuns], { title, matchOnDescription: true }))?.file;
}
