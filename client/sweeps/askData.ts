import * as vscode from 'vscode';
import { findDataSets } from './findDataSets.ts';
import { quickPickStep } from './quickPickStep.ts';
import { heldOutOf, pairsFirst, promptsFirst, type ToxicitySweepChoice } from './sweepChoice.ts';
import type { Answer, Step } from './steps.ts';

interface Place {
  readonly step: number;
  readonly steps: number;
}
type Files = readonly string[];

/** Which prompts are completed and judged. Held-out prompts are taken along where a file is named after them. */
export const askPrompts: Step<ToxicitySweepChoice> = async (choice, place) => {
  const files = await dataSetPaths();
  const title = vscode.l10n.t('New Sweep: Prompts');
  const placeholder = vscode.l10n.t('Which prompts are completed and judged?');
  const answer = await askFile(promptsFirst(files), title, placeholder, place);
  if (typeof answer === 'string') return answer;
  const prompts = answer.next;
  const heldOut = heldOutOf(prompts, files);
  return { next: { ...choice, prompts, heldOut } };
};

/** Which pairs of prompt and completion the arms are trained on. */
export const askPairs: Step<ToxicitySweepChoice> = async (choice, place) => {
  const files = await dataSetPaths();
  const title = vscode.l10n.t('New Sweep: Fine-tuning Pairs');
  const placeholder = vscode.l10n.t('Which pairs (JSONL with prompt and completion) do the arms learn?');
  const jsonl = files.filter((file) => file.endsWith('.jsonl'));
  const answer = await askFile(pairsFirst(jsonl), title, placeholder, place);
  if (typeof answer === 'string') return answer;
  const pairs = answer.next;
  const heldOutPairs = heldOutOf(pairs, files);
  return { next: { ...choice, pairs, heldOutPairs } };
};

async function askFile(files: Files, title: string, placeholder: string, place: Place): Promise<Answer<string>> {
  const answer = await quickPickStep<string | undefined>({
    title,
    place,
    placeholder,
    items: [
      ...files.map((file) => ({ label: `$(database) ${vscode.workspace.asRelativePath(file)}`, value: file })),
      { label: `$(folder-opened) ${vscode.l10n.t('Choose a file…')}`, value: undefined },
    ],
  });
  if (typeof answer === 'string') return answer;
  const file = answer.next[0] ?? (await browse());
  return file === undefined ? askFile(files, title, placeholder, place) : { next: file };
}

async function browse(): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    openLabel: vscode.l10n.t('Use This File'),
    filters: { [vscode.l10n.t('Data sets')]: ['jsonl', 'csv', 'tsv', 'txt'] },
  });
  return chosen?.[0]?.fsPath;
}

async function dataSetPaths(): Promise<string[]> {
  return (await findDataSets()).map(({ fsPath }) => fsPath);
}
