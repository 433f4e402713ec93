import { readFile } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Host } from '../host/host.ts';
import { pickSweepFile } from '../pick/pickSweepFile.ts';
import { mayDownload } from '../sweeps/wizard/mayDownload.ts';
import { requireTrust } from '../trust/requireTrust.ts';
import { cancellable } from './cancellable.ts';
import { hopelessPlan, keepPlan } from './sweepPlans.ts';

/**
 * Plans a sweep: the base alone completes the held-out prompts, and the person sees the chance of a verdict and can
 * run the sweep.
 */
export async function planSweep(host: Host, given: unknown): Promise<void> {
  requireTrust(vscode.l10n.t('no model is opened to plan it.'));
  const file = await pickSweepFile(given);
  if (file === undefined || !(await mayDownload(file))) return;
  const text = await readFile(file, 'utf8');
  const title = vscode.l10n.t('Planning {0}', path.basename(file));
  const plan = await cancellable(title, (watched) => host.server.request('plan', { file }, watched));
  await keepPlan(host.context.workspaceState, file, text, plan);
  const run = vscode.l10n.t('Run Sweep');
  const show = plan.canAnswer ? vscode.window.showInformationMessage : vscode.window.showWarningMessage;
  const chosen = await show(plan.answer, { modal: true, detail: plan.lines.join('\n') }, run);
  if (chosen === run) await vscode.commands.executeCommand('rankscope.runSweep', { file });
}

/** Before a sweep that cannot answer according to its plan, shows a note that does not block the run. */
export async function noteHopeless({ context }: Pick<Host, 'context'>, file: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const answer = text === undefined ? undefined : hopelessPlan(context.workspaceState, file, text);
  if (answer !== undefined) void vscode.window.showWarningMessage(`${path.basename(file)}: ${answer}`);
}
