import * as vscode from 'vscode';
import type { ExperimentName } from '../../../server/protocol/sweep/experiments.ts';
import type { LanguageServer } from '../../server/languageServer.ts';
import { quickPickStep } from './quickPickStep.ts';
import type { SweepAnswers } from '../forms/sweepChoice.ts';
import { sweepForms } from '../forms/sweepForms.ts';
import type { Step } from './steps.ts';
import { wizards } from './wizards.ts';

/** Asks which question the sweep answers. The answer decides how a data set that was given at the start is used. */
export const askQuestion =
  (server: LanguageServer, dataSet?: string): Step<SweepAnswers> =>
  async (choice, place) => {
    const { t } = vscode.l10n;
    const answer = await quickPickStep<ExperimentName>({
      title: t('New Sweep: Question'),
      place,
      placeholder: t('What is to be known of each rank?'),
      items: (Object.keys(wizards) as ExperimentName[]).map((value) => ({ ...wizards[value].question(), value })),
    });
    if (typeof answer === 'string') return answer;
    const [experiment = 'toxicity'] = answer.next;
    const next = { ...choice, experiment, ...(dataSet !== undefined && sweepForms[experiment].place(dataSet)) };
    const { describe } = wizards[experiment];
    if (!describe || dataSet === undefined) return { next };
    // If the data set does not fit the question, the person is asked again.
    return (await describe(server, next)) ?? askQuestion(server, dataSet)(choice, place);
  };
