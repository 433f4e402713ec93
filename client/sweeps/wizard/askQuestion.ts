import * as vscode from 'vscode';
import type { ExperimentName } from '../../../server/protocol/sweep/experiments.ts';
import type { LanguageServer } from '../../server/languageServer.ts';
import { quickPickStep } from './quickPickStep.ts';
import type { SweepAnswers } from '../forms/sweepChoice.ts';
import { sweepForms } from '../forms/sweepForms.ts';
import type { Step } from './steps.ts';
import { wizards } from './wizards.ts';

/** Which question is put to the arms. A data set that the sweep is to be on takes its place by the answer. */
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
    // A data set that does not fit the question is asked another one.
    return (await describe(server, next)) ?? askQuestion(server, dataSet)(choice, place);
  };
