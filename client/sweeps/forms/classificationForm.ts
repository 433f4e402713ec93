import { defaultWords } from '../../../server/protocol/sweep/textDefaults.ts';
import { fromFolder } from './fromFolder.ts';
import { isSentiment, type ClassificationSweepChoice } from './sweepChoice.ts';
import type { SweepForm } from './sweepForm.ts';

export const classificationForm: SweepForm<'classification'> = {
  place: (dataSet) => ({ train: dataSet }),
  data: ({ train }) => train,
  whole: (common, { train, header, test, labels, minority, contextLength }) =>
    train && header !== undefined && labels
      ? { ...common, experiment: 'classification', train, header, test, labels, minority, contextLength }
      : undefined,
  parts: classificationParts,
};

function classificationParts(choice: ClassificationSweepChoice, folder: string): object {
  const { train, header, test, labels, minority, ranks, full, effort } = choice;
  const { trained, tested, rates, alpha, learningRate, training, ...limits } = classificationEffort[effort];
  const maxWords = Math.min(limits.maxWords, wordsThatFit(choice.contextLength));
  const at = (file: string) => ({ file: fromFolder(folder, file), ...(!header && { header }) });
  const isUsual = isSentiment(labels.flatMap(({ values }) => values));
  return {
    data: {
      train: { ...at(train), ...trained },
      ...(test !== undefined && { test: { ...at(test), ...tested } }),
      ...(!isUsual && { labels }),
      ...(minority !== undefined && { minority: { group: minority, rates } }),
      ...(maxWords < defaultWords && { maxWords }),
    },
    // The default instruction asks about reviews.
    ...(!isUsual && { instruction: 'Text: {text}\nIs the text {options}? Answer:' }),
    arms: { ranks: [...ranks], full, alpha, learningRate },
    training,
  };
}

/**
 * How many words of a text fit beside the question and its answer. Models with a short context have small
 * vocabularies that split words.
 */
function wordsThatFit(contextLength = Infinity): number {
  const tokensAWord = contextLength < 256 ? 4 : 2;
  return Math.max(1, Math.floor((contextLength - 40) / tokensAWord));
}

/**
 * Training and test sizes: a few hundred texts for a first look, or all of them as in the paper (section 4.2,
 * appendix B).
 */
const classificationEffort = {
  quick: {
    trained: { limit: 400, sampleSeed: 0 },
    tested: { limit: 200, sampleSeed: 0 },
    rates: [1, 0.25],
    maxWords: 60,
    alpha: 32,
    learningRate: { lora: 5e-4, full: 5e-5 },
    training: { epochs: 1, batchSize: 8 },
  },
  thorough: {
    trained: {},
    tested: {},
    rates: [1, 0.5, 0.25, 0.1],
    maxWords: defaultWords,
    alpha: 32,
    learningRate: { lora: 5e-4, full: 5e-5 },
    training: { epochs: 3, batchSize: 16 },
  },
  paper: {
    trained: {},
    tested: {},
    rates: [1, 0.5, 0.25, 0.1],
    maxWords: defaultWords,
    alpha: '2r',
    learningRate: 2e-5,
    training: { epochs: 5, batchSize: 16 },
  },
} as const;
