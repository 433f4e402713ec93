import * as path from 'node:path';
import * as vscode from 'vscode';
import { findModels } from '../../workspace/findModels.ts';
import { quickPickStep, type Choice } from './quickPickStep.ts';
import { isHubId, type ModelChoice, type SweepAnswers } from '../forms/sweepChoice.ts';
import type { Step } from './steps.ts';

const recentKey = 'rankscope.recentModels';
const mostRecent = 5;

type Picked = ModelChoice | 'browse-file' | 'browse-folder' | 'hub';

/**
 * The first step of a new sweep: asks for a recent model, a model in the workspace, one chosen in a dialog, or a
 * hub id.
 */
export function askModel(context: vscode.ExtensionContext): Step<SweepAnswers> {
  return async (choice, place) => {
    const answer = await quickPickStep<Picked>({
      title: vscode.l10n.t('New Sweep: Base Model'),
      place,
      placeholder: vscode.l10n.t('Which model is fine-tuned?'),
      items: [...recentItems(context), ...otherWays()],
      later: foundItems(),
    });
    if (typeof answer === 'string') return answer;
    const [picked] = answer.next;
    const model = picked === undefined ? undefined : await chosenModel(picked);
    if (model === undefined) return askModel(context)(choice, place);
    await remember(context, model);
    return { next: { ...choice, model } };
  };
}

function recentItems(context: vscode.ExtensionContext): Choice<Picked>[] {
  const recent = context.globalState.get<readonly ModelChoice[]>(recentKey, []);
  return recent.map((model) => ({ ...item(model), description: vscode.l10n.t('recent') }));
}

async function foundItems(): Promise<Choice<Picked>[]> {
  return (await findModels()).map((found) => item({ kind: 'path', path: found.path }));
}

function item(model: ModelChoice): Choice<Picked> {
  if (model.kind === 'hub') return { label: `$(cloud-download) ${model.id}`, value: model };
  return { label: `$(package) ${path.basename(model.path)}`, detail: model.path, value: model };
}

function otherWays(): Choice<Picked>[] {
  return [
    {
      label: `$(folder-opened) ${vscode.l10n.t('Choose a folder…')}`,
      description: vscode.l10n.t('Hugging Face checkpoint'),
      value: 'browse-folder',
    },
    { label: `$(file) ${vscode.l10n.t('Choose a GGUF file…')}`, value: 'browse-file' },
    {
      label: `$(cloud) ${vscode.l10n.t('Type a hub id…')}`,
      description: vscode.l10n.t('owner/name; downloaded when the sweep is run'),
      value: 'hub',
    },
  ];
}

async function chosenModel(picked: Picked): Promise<ModelChoice | undefined> {
  if (picked === 'hub') return typedHubId();
  if (typeof picked !== 'string') return picked;
  const folder = picked === 'browse-folder';
  const chosen = await vscode.window.showOpenDialog({
    canSelectFiles: !folder,
    canSelectFolders: folder,
    openLabel: vscode.l10n.t('Use This Model'),
    ...(!folder && { filters: { GGUF: ['gguf'] } }),
  });
  return chosen?.[0] && { kind: 'path', path: chosen[0].fsPath };
}

async function typedHubId(): Promise<ModelChoice | undefined> {
  const id = await vscode.window.showInputBox({
    title: vscode.l10n.t('New Sweep: Hub Id'),
    prompt: vscode.l10n.t(
      'Owner and name of a model on the Hugging Face hub. Nothing is downloaded before you run the sweep.',
    ),
    placeHolder: 'HuggingFaceTB/SmolLM2-135M',
    ignoreFocusOut: true,
    validateInput: (text) => (isHubId(text.trim()) ? undefined : vscode.l10n.t('A hub id is owner/name.')),
  });
  return id === undefined ? undefined : { kind: 'hub', id: id.trim() };
}

async function remember(context: vscode.ExtensionContext, model: ModelChoice): Promise<void> {
  const same = JSON.stringify(model);
  const recent = context.globalState.get<readonly ModelChoice[]>(recentKey, []);
  const others = recent.filter((other) => JSON.stringify(other) !== same);
  await context.globalState.update(recentKey, [model, ...others].slice(0, mostRecent));
}
