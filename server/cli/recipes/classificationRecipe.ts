/**
 * Table 1 and figures 4, 5, 7 and 8 as sweeps of the classification experiment. Figures 7 and 8 are figure 4 of
 * other models.
 */
import type { ClassificationSweepFile } from '../../protocol/sweep/classificationSweep.ts';
import { labelledData } from './findData.ts';
import type { Dataset, Ingredients, RecipeSweep, Scale } from './recipe.ts';

export type ClassificationItem = 'table1' | 'figure4' | 'figure5';

/**
 * Shares of the minority that training keeps. The paper downsamples the minority to three shares but its text does
 * not contain their values, and table 1 shows two of them. These values are ours.
 */
const shares: Readonly<Record<ClassificationItem, Readonly<Record<Scale, readonly number[]>>>> = {
  table1: { small: [0.5, 0.1], paper: [0.5, 0.1] },
  figure4: { small: [1, 0.25, 0.1], paper: [1, 0.5, 0.25, 0.1] },
  figure5: { small: [1], paper: [1] },
};

/** Table 1 has these ranks; the figures have all six. */
const ranks: Readonly<Record<ClassificationItem, Readonly<Record<Scale, readonly number[]>>>> = {
  table1: { small: [2, 8, 64], paper: [2, 8, 64] },
  figure4: { small: [2, 8, 64], paper: [2, 4, 8, 16, 32, 64] },
  figure5: { small: [2, 8, 64], paper: [2, 4, 8, 16, 32, 64] },
};

/** Appendix B.2: positive reviews are the minority of IMDb, negative sentences that of SST2. */
const minorities: Readonly<Record<Dataset, string>> = {
  IMDb: 'positive',
  SST2: 'negative',
  'Rotten Tomatoes': 'positive',
};

interface Size {
  readonly train?: number;
  readonly test?: number;
  readonly maxWords: number;
  readonly training: NonNullable<ClassificationSweepFile['training']>;
  readonly learningRate: NonNullable<ClassificationSweepFile['arms']>['learningRate'];
}

/** Sizes that train in minutes. LoRA gets ten times the learning rate of full fine-tuning, which is near its own best. */
const small = {
  causal: {
    train: 120,
    test: 80,
    maxWords: 40,
    training: { epochs: 1, batchSize: 4 },
    learningRate: { lora: 5e-4, full: 5e-5 },
  },
  encoder: {
    train: 320,
    test: 200,
    maxWords: 40,
    training: { epochs: 2, batchSize: 8 },
    learningRate: { lora: 2e-3, full: 2e-4 },
  },
} as const satisfies Record<string, Size>;

/**
 * Appendix A: batches of 16 at rate 2e-5; weight decay 0.25 and one epoch for a model as large as OPT 1.3B, five
 * epochs for others.
 */
function paperSize({ parameters }: Ingredients): Size {
  const isLarge = parameters > 1e9;
  return {
    maxWords: 250,
    training: { epochs: isLarge ? 1 : 5, batchSize: 16, weightDecay: isLarge ? 0.25 : 0 },
    learningRate: 2e-5,
  };
}

/** One sweep for each data set. Throws RankscopeError('data') where its files are not in the folder. */
export function classificationRecipe(item: ClassificationItem, given: Ingredients): readonly RecipeSweep[] {
  return given.datasets.map((dataset) => ({
    name: dataset.toLowerCase().replaceAll(' ', '-'),
    sweep: sweepOf(item, dataset, given),
  }));
}

function sweepOf(item: ClassificationItem, dataset: Dataset, given: Ingredients): ClassificationSweepFile {
  const { scale, model, threads, isEncoder, seeds } = given;
  const size: Size = scale === 'paper' ? paperSize(given) : isEncoder ? small.encoder : small.causal;
  const { train, test = { fraction: 0.3, seed: 0 } } = labelledData(given.data, dataset);
  const isFile = 'file' in test;
  // Where the test examples are split off from the one file, the file's limit counts training and test examples
  // together.
  const total = size.train === undefined ? undefined : isFile ? size.train : size.train + (size.test ?? 0);
  const share = size.train === undefined ? 0.3 : (size.test ?? 0) / (size.train + (size.test ?? 0));
  return {
    experiment: 'classification',
    name: `${item} of arXiv 2405.18572 on ${dataset}, ${scale} scale`,
    reproduces: { item, scale, dataset },
    model,
    data: {
      train: { ...train, ...limit(total) },
      test: isFile ? { ...test, ...limit(size.test) } : { fraction: share, seed: 0 },
      maxWords: size.maxWords,
      minority: { group: minorities[dataset], rates: [...shares[item][scale]], seed: 0 },
    },
    arms: {
      ranks: [...ranks[item][scale]],
      full: true,
      alpha: '2r',
      learningRate: size.learningRate,
      seeds: Array.from({ length: seeds }, (_, seed) => seed),
    },
    training: size.training,
    threads,
  };
}

function limit(count: number | undefined): { limit?: number; sampleSeed?: number } {
  return count === undefined ? {} : { limit: count, sampleSeed: 0 };
}
