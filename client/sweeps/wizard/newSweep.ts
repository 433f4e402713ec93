import * as path from 'node:path';
import * as vscode from 'vscode';
import type { Host } from '../../host/host.ts';
import { errorMessage, wasCancelled } from '../../server/errorMessage.ts';
import { askArms, askEffort } from './askArms.ts';
import { askModel } from './askModel.ts';
import { askQuestion } from './askQuestion.ts';
import { askSteps, type Step } from './steps.ts';
import type { ModelChoice, SweepAnswers } from '../forms/sweepChoice.ts';
import { formOf, wholeChoice } from '../forms/sweepForms.ts';
import { sweepText } from '../forms/sweepText.ts';
import { wizards } from './wizards.ts';

/** The model or the data set that is already known at the start. */
export interface NewSweepStart {
  readonly model?: ModelChoice;
  readonly dataSet?: string;
}

/**
 * Asks for question, model, data and arms, writes a new sweep file beside the data, checks it and opens it.
 * Undefined where the person cancels.
 */
export async function newSweep(host: Host, start: NewSweepStart = {}): Promise<vscode.Uri | undefined> {
  const answers = await askSteps<SweepAnswers>(stepsFrom(host, start), start.model ? { model: start.model } : {});
  const { experiment, model } = answers ?? {};
  if (!answers || experiment === undefined || model === undefined) return undefined;
  const data = formOf(experiment).data(answers);
  if (data === undefined) return undefined;
  const ofModel = await wizards[experiment].ofModel?.(host, model);
  const choice = wholeChoice({ ...answers, ...ofModel }, nameOf(model, data));
  if (choice === undefined) return undefined;
  const file = await freeName(path.dirname(data), choice.name);
  await vscode.workspace.fs.writeFile(file, Buffer.from(sweepText(choice, path.dirname(file.fsPath))));
  await vscode.window.showTextDocument(file);
  void check(host, file);
  return file;
}

function stepsFrom({ context, server }: Host, { model, dataSet }: NewSweepStart) {
  const first = [askQuestion(server, dataSet), ...(model === undefined ? [askModel(context)] : [])];
  return ({ experiment = 'toxicity' }: Partial<SweepAnswers>): readonly Step<SweepAnswers>[] => [
    ...first,
    ...wizards[experiment].steps(server, dataSet),
    askArms,
    askEffort,
  ];
}

/** Has the engine read the file and its data as for a run, so that faults are reported now. */
async function check({ server, log }: Host, { fsPath }: vscode.Uri): Promise<void> {
  try {
    const { training, heldOut, arms, notes } = await server.request('sweep.check', { file: fsPath });
    if (notes[0] !== undefined) void vscode.window.showInformationMessage(notes.join(' '));
    const said = vscode.l10n.t('{0} to learn from, {1} held out, {2} arms', training, heldOut, arms.length);
    void vscode.window.setStatusBarMessage(`$(check) ${path.basename(fsPath)}: ${said}`, 10_000);
  } catch (error) {
    if (wasCancelled(error)) return;
    log.warn(`${fsPath}: ${errorMessage(error)}`);
    void vscode.window.showWarningMessage(errorMessage(error));
  }
}

function nameOf(model: ModelChoice, data: string): string {
  const stem = (file: string) => path.basename(file).replace(/\.[^.]*$/, '');
  const ofModel = model.kind === 'hub' ? model.id : model.path;
  return `${stem(ofModel)}-${stem(data)}`.replace(/[^\p{L}\p{N}._-]+/gu, '-');
}

/** `NAME.sweep.json`, with a number where that file exists. */
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
