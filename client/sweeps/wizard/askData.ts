import * as vscode from 'vscode';
import { findDataSets } from '../../workspace/findDataSets.ts';
import { quickPickStep } from './quickPickStep.ts';
import { heldOutOf, pairsFirst, promptsFirst, type SweepAnswers } from '../forms/sweepChoice.ts';
import type { Answer, Step } from './steps.ts';

interface Place {
  readonly step: number;
  readonly steps: number;
}
type Files = readonly string[];

/** Asks which prompts are completed and judged. Adds held-out prompts where a file has a matching name. */
export const askPrompts: Step<SweepAnswers> = async (choice, place) => {
  const files = await dataSetPaths();
  const title = vscode.l10n.t('New Sweep: Prompts');
  const placeholder = vscode.l10n.t('Which prompts are completed and judged?');
  const answer = await askFile(promptsFirst(files), title, placeholder, place);
  if (typeof answer === 'string') return answer;
  const prompts = answer.next;
  const heldOut = heldOutOf(prompts, files);
  return { next: { ...choice, prompts, heldOut } };
};

/** Asks on which pairs of prompt and completion the arms are trained. */
export const askPairs: Step<SweepAnswers> = async (choice, place) => {
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

/** Picks a file of the workspace or, through a dialog, any other; with `folders` the dialog also accepts a folder. */
export async function askFile(
  files: Files,
  title: string,
  placeholder: string,
  place: Place,
  { folders = false }: { readonly folders?: boolean } = {},
): Promise<Answer<string>> {
  const answer = await quickPickStep<string | Looking>({
    title,
    place,
    placeholder,
    items: [
      ...files.map((file) => ({ label: `$(database) ${vscode.workspace.asRelativePath(file)}`, value: file })),
      { label: `$(folder-opened) ${vscode.l10n.t('Choose a file…')}`, value: lookFor.file },
      ...(folders ? [{ label: `$(folder-opened) ${vscode.l10n.t('Choose a folder…')}`, value: lookFor.folder }] : []),
    ],
  });
  if (typeof answer === 'string') return answer;
  const [picked] = answer.next;
  const file = typeof picked === 'string' ? picked : await browse(picked ?? lookFor.file);
  return file === undefined ? askFile(files, title, placeholder, place, { folders }) : { next: file };
}

const lookFor = { file: { folder: false }, folder: { folder: true } } as const;
type Looking = (typeof lookFor)[keyof typeof lookFor];

async function browse({ folder }: Looking): Promise<string | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    openLabel: folder ? vscode.l10n.t('Use This Folder') : vscode.l10n.t('Use This File'),
    canSelectFiles: !folder,
    canSelectFolders: folder,
    ...(!folder && {
      filters: { [vscode.l10n.t('Data sets')]: ['jsonl', 'json', 'csv', 'tsv', 'txt', 'parquet', 'gz'] },
    }),
  });
  return chosen?.[0]?.fsPath;
}

export async function dataSetPaths(): Promise<string[]> {
  return (await findDataSets()).map(({ fsPath }) => fsPath);
}
