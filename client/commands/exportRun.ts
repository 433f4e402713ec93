import * as path from 'node:path';
import * as vscode from 'vscode';
import { z } from 'zod';
import { exportKind, type ExportKind } from '../../server/protocol/messages/runsContract.ts';
import type { Host } from '../host/host.ts';
import { metricsMarkdown } from '../runs/metricsMarkdown.ts';
import { exportFolder } from '../workspace/exportFolder.ts';
import { commandArgument } from '../pick/commandArgument.ts';
import { pickArm, pickRun } from '../pick/pickRun.ts';
import { showList } from '../pick/showList.ts';

interface Kind {
  readonly label: string;
  readonly detail: string;
  /** Extension of the file; absent for a folder. */
  readonly ending?: string;
}

function kinds(): Readonly<Record<ExportKind, Kind>> {
  const { t } = vscode.l10n;
  return {
    'report-html': { label: t('Report (HTML)'), detail: t('One page with figures, for a browser'), ending: 'html' },
    'report-markdown': { label: t('Report (Markdown)'), detail: t('Tables and conclusions as text'), ending: 'md' },
    'metrics-csv': { label: t('Metrics (CSV)'), detail: t('One line per arm'), ending: 'csv' },
    'metrics-json': { label: t('Metrics (JSON)'), detail: t('All figures with their intervals'), ending: 'json' },
    adapter: { label: t('Adapter (PEFT)'), detail: t('Folder with adapter_model.safetensors of one arm') },
    merged: { label: t('Merged weights (safetensors)'), detail: t('Folder with a whole model of one arm') },
  };
}

/** The kind of export that a panel names; undefined for any other argument. */
const namedKind = z.object({ kind: exportKind.optional().catch(undefined) }).catch({ kind: undefined });

/** Asks for the missing choices (kind, arm, place), writes the export, and offers to open it. */
export async function exportRun(host: Host, given: unknown): Promise<void> {
  const run = await pickRun(host, given, { title: vscode.l10n.t('Export what of which run?') });
  if (run === undefined) return;
  const kind = namedKind.parse(given).kind ?? (await pickKind());
  if (kind === undefined) return;
  const folder = kinds()[kind].ending === undefined;
  const arm = commandArgument(given).arm ?? (folder ? await pickTrained(host, run, kind) : undefined);
  if (folder && arm === undefined) return;
  const to = await askPlace(run, kind, arm);
  if (to === undefined) return;
  const progress = { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Exporting') };
  const asked = { run, kind, to, ...(folder && arm !== undefined && { arm }) };
  const { path: written } = await vscode.window.withProgress(progress, () => host.server.request('run.export', asked));
  await offerToOpen(written, folder);
}

async function pickKind(): Promise<ExportKind | undefined> {
  const known = kinds();
  const items = (Object.keys(known) as ExportKind[]).map((kind) => ({
    label: known[kind].label,
    detail: known[kind].detail,
    value: kind,
  }));
  return (await showList(items, { title: vscode.l10n.t('Export what?') }))?.value;
}

async function pickTrained(host: Host, run: string, kind: ExportKind): Promise<string | undefined> {
  const trained = (id: string) => id !== 'base' && !(kind === 'adapter' && id.startsWith('full'));
  return pickArm(host, run, { title: vscode.l10n.t('Which arm?'), which: trained });
}

/** Asks where to export to. An existing file is replaced, since the dialog asks about that. A folder never is. */
async function askPlace(run: string, kind: ExportKind, arm: string | undefined): Promise<string | undefined> {
  const { label, ending } = kinds()[kind];
  const name = [path.basename(run), arm, kind].filter((part) => part !== undefined).join('-');
  const target = await vscode.window.showSaveDialog({
    title: label,
    defaultUri: vscode.Uri.file(path.join(exportFolder(path.dirname(run)), ending ? `${name}.${ending}` : name)),
    ...(ending !== undefined && { filters: { [label]: [ending] } }),
  });
  if (target === undefined) return undefined;
  if (ending !== undefined) {
    // The server never overwrites anything. The person has just confirmed in the dialog that this file may be
    // replaced.
    await vscode.workspace.fs.delete(target).then(undefined, () => undefined);
  }
  return target.fsPath;
}

async function offerToOpen(written: string, folder: boolean): Promise<void> {
  const open = folder ? vscode.l10n.t('Show in Folder') : vscode.l10n.t('Open');
  const chosen = await vscode.window.showInformationMessage(vscode.l10n.t('Written: {0}', written), open);
  if (chosen !== open) return;
  const uri = vscode.Uri.file(written);
  if (folder) await vscode.commands.executeCommand('revealFileInOS', uri);
  else if (written.endsWith('.html')) await vscode.env.openExternal(uri);
  else await vscode.window.showTextDocument(uri);
}

/** Copies the arms' metrics to the clipboard as a Markdown table. */
export async function copyMetrics(host: Host, given: unknown): Promise<void> {
  const run = await pickRun(host, given, { title: vscode.l10n.t('Copy the metrics of which run?') });
  const view = run === undefined ? undefined : await host.runs.look(run);
  if (view === undefined) return;
  const metrics = view.metrics?.arms ?? view.armMetrics;
  if (metrics.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('Nothing has been measured yet.'));
    return;
  }
  await vscode.env.clipboard.writeText(
    metricsMarkdown({ name: view.name, arms: metrics, verdict: view.metrics?.verdict }),
  );
  void vscode.window.setStatusBarMessage(vscode.l10n.t('The metrics are on the clipboard.'), 4000);
}
