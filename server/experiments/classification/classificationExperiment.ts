/** The classification experiment (paper section 4.2) as a definition: its sweep, its files and its question. */
import type { ClassificationSweep } from '../../protocol/sweep/classificationSweep.ts';
import type { BegunArms, Experiment, HeadQuestion, Question, RunPorts } from '../sweep/experiment.ts';
import { planLength } from '../sweep/trainingLength.ts';
import { askFor, causalLabelModel } from './causalLabelModel.ts';
import { classificationArms } from './classificationArms.ts';
import { readClassificationData, type ClassificationData } from './classificationData.ts';
import { runClassificationFairness } from './classificationFairness.ts';
import { headLabelModel } from './headLabelModel.ts';
import type { LabelModel } from './labelModel.ts';
import { usualEpochs } from './trainAtRate.ts';

export const classificationExperiment: Experiment<'classification'> = {
  takesEncoders: true,
  withPaths: (sweep, { inFile, fileOr, model, init }) => ({
    ...sweep,
    model: model('model', sweep.model),
    data: {
      ...sweep.data,
      train: inFile('data.train', sweep.data.train),
      test: fileOr('data.test', sweep.data.test),
      ...(sweep.data.tune && { tune: fileOr('data.tune', sweep.data.tune) }),
    },
    arms: init(sweep.arms),
  }),
  arms: (sweep) =>
    classificationArms(sweep).flatMap(({ plans, minority }) =>
      plans.map((plan) => ({ ...plan, ...(minority !== undefined && { minority }) })),
    ),
  files: ({ data: { train, test, tune } }) => ({
    train: train.file,
    test: 'file' in test ? test.file : undefined,
    tune: tune && 'file' in tune ? tune.file : undefined,
  }),
  read: async (sweep) => question(sweep, await readClassificationData(sweep)),
};

function question(sweep: ClassificationSweep, data: ClassificationData): Question {
  const { instruction, evaluation, training } = sweep;
  const words = sweep.data.labels.map(({ word }) => word);
  const heldOutPrompts = (): readonly string[] => data.test.map(({ text }) => askFor(instruction, words, text));
  const run = (model: LabelModel, { descriptions }: BegunArms, { writer, control, signal }: RunPorts) =>
    runClassificationFairness({ sweep, data, descriptions }, { model, writer, control, signal });
  const byHead: HeadQuestion = {
    ...(sweep.head === 'fresh' && { freshHead: { labels: words, seed: training.seed } }),
    run: (classifier, arms, ports) => run(headLabelModel(classifier, sweep), arms, ports),
  };
  return {
    sweep,
    training: data.training.length,
    heldOut: data.test.length,
    note: planLength({ training, isLenient: true }, data.training.length, usualEpochs).note,
    heldOutPrompts,
    texts: () => {
      const maxNewTokens = evaluation.completions ? evaluation.maxNewTokens : 0;
      return [{ prompts: heldOutPrompts(), maxNewTokens, appendEos: training.appendEos }];
    },
    byHead,
    run: (model, arms, ports) => run(causalLabelModel(model, sweep), arms, ports),
  };
}
