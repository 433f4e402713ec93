import * as vscode from 'vscode';
import { sentimentLabels } from '../../../server/protocol/sweep/textDefaults.ts';
import { fileExists } from '../../workspace/fileExists.ts';
import type { LanguageServer } from '../../server/languageServer.ts';
import { errorMessage } from '../../server/errorMessage.ts';
import { askFile, dataSetPaths } from './askData.ts';
import { quickPickStep } from './quickPickStep.ts';
import {
  isSentiment,
  labelledFirst,
  namedLabels,
  testCandidates,
  type LabelChoice,
  type SweepAnswers,
} from '../forms/sweepChoice.ts';
import type { Answer, Step } from './steps.ts';

/** Asks which labelled texts the arms are trained on. */
export const askLabelled =
  (server: LanguageServer): Step<SweepAnswers> =>
  async (choice, place) => {
    const train = await askTrain(place);
    if (typeof train === 'string') return train;
    return (await withLabels(server, { ...choice, train: train.next })) ?? askLabelled(server)(choice, place);
  };

/**
 * Reads the labels of the chosen texts. Adds test texts where a file or folder has a name that matches `train`.
 * Undefined where there are no labels, after a message about it, or where the person cancels naming them.
 */
export async function withLabels(
  server: LanguageServer,
  choice: Partial<SweepAnswers>,
): Promise<Answer<Partial<SweepAnswers>> | undefined> {
  const { train = '' } = choice;
  const found = await describe(server, train);
  const labels = found && (await labelsOf(found.values));
  if (!found || !labels) return undefined;
  const test = await firstThere(testCandidates(train));
  return { next: { ...choice, header: found.header, labels, test } };
}

async function askTrain(place: { readonly step: number; readonly steps: number }): Promise<Answer<string>> {
  const title = vscode.l10n.t('New Sweep: Labelled Texts');
  const placeholder = vscode.l10n.t(
    'Which texts with labels (CSV, TSV, JSONL, or a folder per label) do the arms learn?',
  );
  return askFile(labelledFirst(await dataSetPaths()), title, placeholder, place, { folders: true });
}

/** Undefined where the labels cannot be read, after a message about it. */
async function describe(
  server: LanguageServer,
  path: string,
): Promise<{ readonly header: boolean; readonly values: readonly string[] } | undefined> {
  try {
    const reading = { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Reading labels') };
    const asked = () => server.request('labels.describe', { path });
    const { header, labels } = await vscode.window.withProgress(reading, asked);
    return { header, values: labels.map(({ value }) => value) };
  } catch (error) {
    await vscode.window.showWarningMessage(errorMessage(error), { modal: true });
    return undefined;
  }
}

/** Known labels have names. For others the person types words, since a causal model answers with a word. */
async function labelsOf(values: readonly string[]): Promise<readonly LabelChoice[] | undefined> {
  if (isSentiment(values)) return sentimentLabels;
  const words = await vscode.window.showInputBox({
    title: vscode.l10n.t('New Sweep: Words of the Labels'),
    prompt: vscode.l10n.t('The file writes {0}. Which words name them, in this order?', values.join(', ')),
    value: values.join(', '),
    ignoreFocusOut: true,
    validateInput: (text) =>
      namedLabels(values, text) === undefined
        ? vscode.l10n.t('Give {0} different words, separated by commas.', values.length)
        : undefined,
  });
  return words === undefined ? undefined : namedLabels(values, words);
}

/** Asks which label training makes rarer, if any (paper, appendix B.2). */
export const askMinority: Step<SweepAnswers> = async (choice, place) => {
  const { t } = vscode.l10n;
  const answer = await quickPickStep<string | undefined>({
    title: t('New Sweep: Minority'),
    place,
    placeholder: t('Is one of the groups made rarer in training?'),
    items: [
      { label: t('None'), detail: t('The arms are trained once, on the texts as they are.'), value: undefined },
      ...(choice.labels ?? []).map(({ word }) => ({
        label: word,
        detail: t('All arms are trained anew with smaller and smaller shares of its texts.'),
        value: word,
      })),
    ],
  });
  if (typeof answer === 'string') return answer;
  return { next: { ...choice, minority: answer.next[0] } };
};

async function firstThere(candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) {
    if (await fileExists(candidate)) return candidate;
  }
  return undefined;
}
