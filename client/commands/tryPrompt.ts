import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Host } from '../host/host.ts';
import { completionsUri } from '../completions/completionsUri.ts';
import { requireTrust } from '../trust/requireTrust.ts';
import { commandArgument } from '../pick/commandArgument.ts';
import { pickArm, pickRun } from '../pick/pickRun.ts';
import { showList } from '../pick/showList.ts';

interface Given {
  readonly arms?: readonly string[];
  readonly prompt?: string;
  readonly promptIndex?: number;
}

/** Opens a panel that completes one prompt with the base and every arm. */
export async function tryPrompt(host: Host, given: unknown): Promise<void> {
  await askPanel(host, given, 'prompt', vscode.l10n.t('Try a prompt on which run?'));
}

/** Opens a panel with the logit lens: the next token that each layer of the arms predicts. */
export async function showLens(host: Host, given: unknown): Promise<void> {
  await askPanel(host, given, 'lens', vscode.l10n.t('Look into the arms of which run?'));
}

async function askPanel(host: Host, given: unknown, panel: 'prompt' | 'lens', title: string): Promise<void> {
  requireTrust(vscode.l10n.t('no model is opened.'));
  const run = await pickRun(host, given, { title });
  if (run === undefined) return;
  const { arms, prompt } = (given ?? {}) as Given;
  const asked =
    prompt ??
    (await vscode.window.showInputBox({
      title: path.basename(run),
      prompt: vscode.l10n.t('The prompt that the base and every arm complete'),
      ignoreFocusOut: true,
    }));
  if (asked === undefined) return;
  const all = (await host.runs.look(run))?.arms.map(({ description }) => description.id) ?? [];
  host.panels.show({ panel, run, arms: [...(arms ?? all)], prompt: asked });
}

/** Shows an arm's completions of one prompt of the run as a text document. */
export async function showArmInText(host: Host, given: unknown): Promise<void> {
  const run = await pickRun(host, given, { title: vscode.l10n.t('Completions of which run?') });
  if (run === undefined) return;
  const arm = commandArgument(given).arm ?? (await pickArm(host, run, { title: vscode.l10n.t('Which arm?') }));
  if (arm === undefined) return;
  const { promptIndex = await pickPrompt(host, run, arm) } = (given ?? {}) as Given;
  if (promptIndex === undefined) return;
  const document = await vscode.workspace.openTextDocument(completionsUri({ run, arm, promptIndex }));
  await vscode.window.showTextDocument(document, { preview: true });
}

/** Lets the person pick a prompt, among as many as one page of completions holds. */
async function pickPrompt(host: Host, run: string, arm: string): Promise<number | undefined> {
  const page = { run, arms: [arm], offset: 0, limit: 500, flaggedOnly: false };
  const { rows } = await host.server.request('run.completions', page);
  const prompts = new Map(rows.map(({ promptIndex, prompt }) => [promptIndex, prompt]));
  const items = [...prompts].map(([index, label]) => ({ label, description: `${index + 1}`, index }));
  return (await showList(items, { title: vscode.l10n.t('Which prompt?') }))?.index;
}
