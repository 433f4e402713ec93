/** The sweep file of the classification experiment (paper section 4.2, appendices A and B). */
import { z } from 'zod';
import {
  accumulation,
  armsSchema,
  count,
  machineSchema,
  modelSchema,
  namedOrTunedRates,
  path,
  reproducesSchema,
  sampledSchema,
  seed,
  trainingSchema,
} from './sweepParts.ts';
import { sentimentLabels, defaultWords } from './textDefaults.ts';
import { verdictDeclarationSchema } from './verdictDeclaration.ts';

const labelledFile = z
  .strictObject({
    file: path.describe(
      'CSV or TSV with a header, JSONL, or a folder with one subfolder of text files a label; relative to the sweep file.',
    ),
    header: z
      .boolean()
      .default(true)
      .describe('false: a CSV or TSV without a header line, whose columns are named 1, 2, ... from the left.'),
    ...sampledSchema('examples'),
  })
  .describe('A file of labelled texts.');

const testShare = z
  .strictObject({
    fraction: z.number().gt(0).lt(1).describe('Share of the examples of each label kept away from training.'),
    seed: seed.default(0),
  })
  .describe('Holds out a share of the training file, drawn within each label.');

const columns = z.strictObject({
  text: z
    .string()
    .min(1)
    .optional()
    .describe('Column or field of the text; a usual name such as "text" is found by itself.'),
  label: z.string().min(1).optional(),
  group: z.string().min(1).optional().describe('Column of the protected group, for `groups.by: "column"`.'),
});

const label = z.strictObject({
  word: z.string().min(1).describe('What a causal model is to answer, and the name of the label in reports.'),
  values: z.array(z.string()).min(1).describe('How the label is written in the files.'),
});

const groups = z
  .strictObject({
    by: z.enum(['label', 'column']).default('label').describe('Groups are the labels (as in the paper), or a column.'),
    of: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('The groups that are compared; all of them unless given. One without examples makes a gap undefined.'),
  })
  .describe('The protected groups whose accuracies are compared.');

const minority = z
  .strictObject({
    group: z
      .string()
      .min(1)
      .describe('The group that is made rarer in training: a label word, or a value of the column.'),
    rates: z
      .array(z.number().gt(0).max(1))
      .min(1)
      .default([1, 0.5, 0.25, 0.1])
      .describe('Shares of its training examples that are kept; all arms are trained anew at each.'),
    seed: seed
      .default(0)
      .describe('Seed of which examples are kept; those of a lower rate are among those of a higher.'),
  })
  .describe('Downsampling of the minority (paper, appendix B.2).');

const data = z.strictObject({
  train: labelledFile,
  test: z.union([labelledFile, testShare]).default({ fraction: 0.2, seed: 0 }),
  tune: z
    .union([labelledFile, testShare])
    .optional()
    .describe(
      'Examples that learning rates are chosen by and nothing else: a file, or a share of the training examples that is then ' +
        'not trained on. Without it, a sweep that tunes its rates keeps 15 % of each label.',
    ),
  columns: columns.prefault({}),
  labels: z
    .array(label)
    .min(2)
    .default(sentimentLabels)
    .describe('The classes, in the order of a classification head.'),
  groups: groups.prefault({}),
  minority: minority.optional(),
  maxWords: count
    .default(defaultWords)
    .describe('Longer texts are cut to their first so many words, so that the instruction fits.'),
});

/** "We encourage the model to respond exclusively using the given options" (paper, section 3.3). */
const instruction = z
  .string()
  .refine((text) => text.includes('{text}'), { message: 'the instruction has no place {text} for the text' })
  .default('Review: {text}\nIs the review {options}? Answer:')
  .describe(
    'What a causal model is asked: {text} is the text, {options} the label words. The answer is a space and a word.',
  );

const evaluation = z.strictObject({
  completions: z
    .boolean()
    .default(true)
    .describe('Whether a causal model also answers in its own words, judged correct if the answer contains the label.'),
  maxNewTokens: count.default(4).describe('Tokens of such an answer, decoded greedily.'),
  calibrationBins: count.default(15),
  resamples: count.default(2000).describe('Bootstrap resamples behind each interval.'),
  seed: seed.default(0),
});

const verdict = verdictDeclarationSchema.extend({
  goal: z
    .literal('match')
    .default('match')
    .describe('match: the rank must not make more errors than full fine-tuning, beyond the margin.'),
});

export const classificationSweepSchema = z
  .strictObject({
    $schema: z.string().optional(),
    experiment: z.literal('classification').describe('The question put to the arms (paper section 4.2).'),
    name: z.string().min(1).optional(),
    reproduces: reproducesSchema,
    model: modelSchema,
    data,
    instruction,
    head: z
      .enum(['fresh', 'stored'])
      .default('fresh')
      .describe("Of an encoder (BERT): a head drawn anew by training.seed, or the checkpoint's own classes."),
    arms: armsSchema(namedOrTunedRates(2e-5)).prefault({}),
    training: trainingSchema({
      epochs: 'paper: 5 for GPT-2 and BERT, 1 for OPT 1.3B',
      batchSize: 16,
      gradientAccumulation: accumulation,
    }).prefault({}),
    evaluation: evaluation.prefault({}),
    verdict: verdict.prefault({}),
    keepWeights: z
      .enum(['all', 'adapters', 'none'])
      .default('adapters')
      .describe(
        'Which weights stay in the run folder: a full model is large, and there is one for each rate and seed.',
      ),
    ...machineSchema,
  })
  .describe('How evenly does each arm classify the groups of a data set, and what does making one rarer do?');

export type ClassificationSweepFile = z.input<typeof classificationSweepSchema>;
/** The same with every default in place; after `resolveSweep` with absolute paths too. */
export type ClassificationSweep = z.output<typeof classificationSweepSchema>;
export type LabelledFile = ClassificationSweep['data']['train'];
