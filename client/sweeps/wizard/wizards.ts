/** The questions of "New Sweep" for each experiment, complete by type over their names. */
import * as vscode from 'vscode';
import type { ExperimentName } from '../../../server/protocol/sweep/experiments.ts';
import { errorMessage } from '../../server/errorMessage.ts';
import type { LanguageServer } from '../../server/languageServer.ts';
import type { Host } from '../../host/host.ts';
import { askPairs, askPrompts } from './askData.ts';
import { askLabelled, askMinority, withLabels } from './askLabels.ts';
import type { Answer, Step } from './steps.ts';
import type { ModelChoice, SweepAnswers } from '../forms/sweepChoice.ts';
import { sweepForms } from '../forms/sweepForms.ts';

export interface SweepWizard {
  /** The experiment's entry in the list of questions. */
  readonly question: () => { readonly label: string; readonly detail: string };
  /** The steps between the model and the arms. `dataSet` is a data set that was given at the start. */
  readonly steps: (server: LanguageServer, dataSet: string | undefined) => readonly Step<SweepAnswers>[];
  /** Descriptions of the three efforts: a first look, a thorough comparison, and the paper's settings. */
  readonly efforts: () => readonly [quick: string, thorough: string, paper: string];
  /** Reads the answers that a given data set contains; undefined where the data set does not fit the question. */
  readonly describe?: (
    server: LanguageServer,
    answers: Partial<SweepAnswers>,
  ) => Promise<Answer<Partial<SweepAnswers>> | undefined>;
  /** Reads what the steps need to know about the model. */
  readonly ofModel?: (host: Host, model: ModelChoice) => Promise<Partial<SweepAnswers>>;
}

const { t } = vscode.l10n;

export const wizards: Readonly<Record<ExperimentName, SweepWizard>> = {
  toxicity: {
    question: () => ({
      label: `$(comment) ${t('Toxicity')}`,
      detail: t('What does each arm keep of the toxicity of the base model? Needs prompts and pairs.'),
    }),
    steps: (_, dataSet) => {
      const known = dataSet === undefined ? {} : sweepForms.toxicity.place(dataSet);
      return [...(known.prompts === undefined ? [askPrompts] : []), ...(known.pairs === undefined ? [askPairs] : [])];
    },
    efforts: () => [
      t('Rates tuned by held-out loss, one pass, a step per 8 pairs, two completions a prompt'),
      t('Rates tuned by held-out loss, three passes, a step per 8 pairs, five completions a prompt'),
      t('One rate for all, which mixes rank and step size; one pass, a step per 256 pairs, five completions'),
    ],
  },
  classification: {
    question: () => ({
      label: `$(law) ${t('Fairness of classification')}`,
      detail: t('How evenly does each arm classify groups? Needs texts with labels, such as SST2 or IMDb.'),
    }),
    steps: (server, dataSet) => [...(dataSet === undefined ? [askLabelled(server)] : []), askMinority],
    efforts: () => [
      t('One pass over 400 texts, tested on 200'),
      t('Three passes over all texts, a rate for LoRA and one for full'),
      t('Five passes over all texts, batches of 16, one rate for all, which mixes rank and step size'),
    ],
    describe: withLabels,
    ofModel: async (host, model) => ({ contextLength: await readLength(host, model) }),
  },
};

/** The context length of a model on this disk, tokens. A fault in the model is reported when the file is checked or run. */
async function readLength({ server, log }: Host, model: ModelChoice): Promise<number | undefined> {
  if (model.kind === 'hub') return undefined;
  try {
    return (await server.request('models.describe', { model: model.path })).contextLength;
  } catch (error) {
    log.warn(`${model.path}: ${errorMessage(error)}`);
    return undefined;
  }
}
