import * as path from 'node:path';
import * as vscode from 'vscode';
import { askArms, askEffort } from './askArms.ts';
import { askPairs, askPrompts } from './askData.ts';
import { askModel } from './askModel.ts';
import { askSteps } from './steps.ts';
import type { ToxicitySweepChoice } from './sweepChoice.ts';
import { sweepText } from './sweepText.ts';

/** Asks for model, data and arms, writes a new sweep file beside the prompts and opens it. Undefined when left. */
export async function newSweep(
  context: vscode.ExtensionContext,
  start: Partial<ToxicitySweepChoice> = {},
): Promise<vscode.Uri | undefined> {
  const steps = [
    ...(start.model === undefined ? [askModel(context)] : []),
    ...(start.prompts === undefined ? [askPrompts] : []),
    ...(start.pairs === undefined ? [askPairs] : []),
    askArms,
    askEffort,
  ];
  const choice = await askSteps(steps, start);
  if (choice === undefined) return undefined;
  const { model, prompts, pairs, ranks, full, effort } = choice;
  if (!model || !prompts || !pairs || !ranks || full === undefined || !effort) return undefined;
  const name = nameOf(model.kind === 'hub' ? model.id : model.path, prompts);
  const file = await freeName(path.dirname(prompts), name);
  const text = sweepText({ ...choice, name, model, prompts, pairs, ranks, full, effort }, path.dirname(file.fsPath));
  await vscode.workspace.fs.writeFile(file, Buffer.from(text));
  await vscode.window.showTextDocument(file);
  return file;
}

/** What "Sweep on This" knows of a data set beforehand: pairs where it is called so, else prompts. */
export function startingWith(dataSet: string): Partial<ToxicitySweepChoice> {
  return /pairs|counterfactual/i.test(path.basename(dataSet)) ? { pairs: dataSet } : { prompts: dataSet };
}

function nameOf(model: string, prompts: string): string {
  const stem = (file: string) => path.basename(file).replace(/\.[^.]*$/, '');
  return `${stem(model)}-${stem(prompts)}`.replace(/[^\p{L}\p{N}._-]+/gu, '-');
}

/** `NAME.sweep.json`, or with a number where that is taken. */
async function freeName(folder: string, name: string): Promise<vscode.Uri> {
  for (let number = 1; ; number += 1) {
    const file = vscode.Uri.file(path.join(folder, `${name}${number > 1 ? `-${number}` : ''}.sweep.json`));
    const there = await vscode.workspace.fs.stat(file).then(
      () => true,
      () => false,
    );
    if (!there) return file;
  }
}
