import * as vscode from 'vscode';
import type { LanguageServer } from '../server/languageServer.ts';
import { withLabels } from './askLabels.ts';
import { quickPickStep } from './quickPickStep.ts';
import type { SweepAnswers } from './sweepChoice.ts';
import type { Step } from './steps.ts';

/** Which of the two questions is put to the arms. A data set that the sweep is to be on takes its place by the answer. */
export const askQuestion =
  (server: LanguageServer, dataSet?: string): Step<SweepAnswers> =>
  async (choice, place) => {
    const { t } = vscode.l10n;
    const answer = await quickPickStep<SweepAnswers['experiment']>({
      title: t('New Sweep: Question'),
      place,
      placeholder: t('What is to be known of each rank?'),
      items: [
        {
          label: `$(comment) ${t('Toxicity')}`,
          detail: t('What does each arm keep of the toxicity of the base model? Needs prompts and pairs.'),
          value: 'toxicity',
        },
        {
          label: `$(law) ${t('Fairness of classification')}`,
          detail: t('How evenly does each arm classify groups? Needs texts with labels, such as SST2 or IMDb.'),
          value: 'classification',
        },
      ],
    });
    if (typeof answer === 'string') return answer;
    const [experiment = 'toxicity'] = answer.next;
    const next = { ...choice, experiment, ...(dataSet !== undefined && placed(dataSet, experiment)) };
    if (experiment === 'toxicity' || dataSet === undefined) return { next };
    // A data set that has no labels is asked another question.
    return (await withLabels(server, next)) ?? askQuestion(server, dataSet)(choice, place);
  };

/** What a data set is to a question: labelled texts, pairs where it is called so, else prompts. */
export function placed(dataSet: string, experiment: SweepAnswers['experiment']): Partial<SweepAnswers> {
  if (experiment === 'classification') return { train: dataSet };
  const name = dataSet.slice(dataSet.search(/[^\\/]*$/));
  return /pairs|counterfactual/i.test(name) ? { pairs: dataSet } : { prompts: dataSet };
}
