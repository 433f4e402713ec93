/** Labels by a classification head (paper appendix B.1, BERT): the likeliest class is the decision. */
import type { ClassificationSweep } from '../../protocol/sweep/classificationSweep.ts';
import { RankscopeError } from '../../protocol/errors.ts';
import type { OpenClassifier } from '../ports/classifierPort.ts';
import { lossesOf, normalised, type LabelModel } from './labelModel.ts';

/**
 * A classifier whose classes are the sweep's label words, in any order. Throws RankscopeError('config') where the
 * classifier decides for several classes at once or has other classes.
 */
export function headLabelModel(classifier: OpenClassifier, { data }: ClassificationSweep): LabelModel {
  const words = data.labels.map(({ word }) => word);
  const classes = classesOf(classifier, data.labels);
  const scores = async (...asked: Parameters<OpenClassifier['classLogits']>) => {
    const [, texts] = asked;
    const logits = await classifier.classLogits(...asked);
    return logits.map((own) =>
      texts.map((_, text) =>
        normalised(words.map((__, label) => own[text * words.length + (classes[label] ?? 0)] ?? NaN)),
      ),
    );
  };
  return {
    rules: ['head'],
    train: (arms, examples, options, callbacks) =>
      classifier.train(
        arms,
        examples.map(({ text, label }) => ({ text, label: classes[label] ?? -1 })),
        options,
        callbacks,
      ),
    predict: async (arms, texts, onProgress, signal) => {
      const found = await scores(arms, texts, onProgress, signal);
      return found.map((own) => own.map((logProbabilities) => ({ logProbabilities })));
    },
    labelLosses: async (arms, examples, signal) => {
      const texts = examples.map(({ text }) => text);
      const found = await scores(arms, texts, () => undefined, signal);
      return found.map((own) => lossesOf(own, examples));
    },
    saveArm: (arm, directory) => classifier.saveArm(arm, directory),
    forget: (arms) => arms.forEach((arm) => classifier.forgetArm(arm)),
  };
}

/** Index of the classifier's class of each label. */
function classesOf(
  { labels, kind }: Pick<OpenClassifier, 'labels' | 'kind'>,
  wanted: ClassificationSweep['data']['labels'],
): readonly number[] {
  const classes = wanted.map(({ word, values }) =>
    labels.findIndex((own) => [word, ...values].some((name) => name.toLowerCase() === own.toLowerCase())),
  );
  if (kind === 'single-label' && labels.length === wanted.length && !classes.includes(-1)) return classes;
  throw new RankscopeError({
    code: 'config',
    what: `the classifier is ${kind} with the classes ${labels.join(', ')}; the sweep has ${wanted.map(({ word }) => word).join(', ')}`,
    where: 'data.labels',
    remedy: "Write the classifier's classes into data.labels, or use an encoder without a head.",
  });
}
