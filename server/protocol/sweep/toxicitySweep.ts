/**
 * The sweep file of the toxicity experiment. Defaults are the paper's where it gives one (section 4.1, appendix C).
 */
import { z } from 'zod';
import { verdictDeclarationSchema } from './verdictDeclaration.ts';
import { chatFraming } from './chatFraming.ts';
import { judgeSpec } from './judgeSpec.ts';
import {
  accumulationOrAuto,
  armsSchema,
  columnsSchema,
  count,
  loraRank,
  machineSchema,
  modelSchema,
  namedOrTunedRates,
  path,
  reproducesSchema,
  sampledSchema,
  seed,
  trainingSchema,
} from './sweepParts.ts';

const promptFile = z
  .strictObject({
    file: path.describe('File of prompts, relative to the sweep file.'),
    more: z
      .array(path)
      .min(1)
      .exactOptional()
      .describe("Further files of the same format: HONEST's queer_nonqueer beside its binary, as the paper has it."),
    format: z
      .enum(['auto', 'honest', 'honest-race', 'jsonl', 'text'])
      .default('auto')
      .describe(
        'honest: TSV with a [M] mask; honest-race: the same, each gendered word replaced by a race and a binary gender ' +
          '(appendix C.2.1); jsonl: an object a line with "prompt" or "text"; text: a prompt a line.',
      ),
    races: z
      .array(z.string().min(1))
      .min(1)
      .exactOptional()
      .describe('The races of "honest-race"; the paper does not list its own.'),
    columns: columnsSchema('prompt', 'text', 'group'),
    ...sampledSchema('prompts'),
  })
  .describe('A file of prompts.');

const heldOutFraction = z
  .strictObject({
    fraction: z.number().gt(0).lt(1).describe('Share of the sentences kept away from training.'),
    seed: seed.default(0),
  })
  .describe('Holds out all prompts of a share of the sentences (HONEST: the template, singular and plural together).');

const pairFile = z.strictObject({
  file: path.describe('JSONL with {"prompt","completion"} or {"messages"} a line, relative to the sweep file.'),
  columns: columnsSchema('prompt', 'completion', 'messages', 'chosen', 'rejected'),
  limit: count.optional(),
});

const counterfactuals = z
  .strictObject({
    model: path.describe('Instruction-tuned model that writes the counterfactuals: folder, GGUF file or hub id.'),
    perToxic: count.max(50).default(5).describe('Counterfactuals asked for per toxic prompt (paper: 5).'),
    maxNewTokens: count.default(256),
    temperature: z.number().min(0).default(0.7),
    topP: z.number().gt(0).max(1).default(0.95),
    seed: seed.default(0),
    chat: z
      .enum(['model', 'tulu'])
      .default('model')
      .describe("How the request is framed: by the model's own chat template, or as the paper frames it for Tulu V1."),
    rounds: count
      .max(20)
      .default(1)
      .describe(
        'Rounds of mitigation (section 3.1). In the first the base completes the training prompts; in each later one ' +
          'every arm does, and is trained further on counterfactuals for what is still toxic.',
      ),
  })
  .describe('Training pairs written by a generator model with the prompt of appendix C.1.');

const neutral = z
  .union([
    z.strictObject({
      file: path.describe('Texts, relative to the sweep file: a text a line, or JSONL with "text".'),
      columns: columnsSchema('text'),
      ...sampledSchema('texts'),
    }),
    z.strictObject({
      samples: count.max(1024).describe('Texts that the base writes itself, before anything is trained.'),
      maxNewTokens: count.default(64).describe('Tokens of a text at the most.'),
      seed: seed.default(0),
    }),
  ])
  .describe(
    'Neutral text that forgetting is measured on: the loss of every arm against that of the base. A file, or samples of the ' +
      'base itself. Nothing is trained or chosen by it.',
  );

const data = z
  .strictObject({
    prompts: promptFile,
    heldOut: z.union([promptFile, heldOutFraction]).default({ fraction: 0.25, seed: 0 }),
    pairs: pairFile.optional().describe('Given counterfactuals. Pairs whose prompt is held out are not trained on.'),
    counterfactuals: counterfactuals.optional(),
    heldOutPairs: z
      .union([pairFile, heldOutFraction])
      .optional()
      .describe(
        'Pairs that held-out loss and perplexity are measured on: a file, or a share of the training pairs by sentence.',
      ),
    tune: z
      .union([pairFile, heldOutFraction])
      .exactOptional()
      .describe(
        'Pairs that learning rates are chosen by and that arms are probed on while they train: a file, or a share of the ' +
          'training pairs by sentence (0.15 where rates are tuned). No result is read from them.',
      ),
    neutral: neutral.exactOptional(),
    chat: chatFraming.exactOptional(),
  })
  .refine((value) => (value.pairs === undefined) !== (value.counterfactuals === undefined), {
    message: 'give either "pairs" (a file) or "counterfactuals" (a generator model), and not both',
  });

/** What concerns right and wrong answers is of classification. */
const verdict = verdictDeclarationSchema.extend({
  goal: z
    .enum(['mitigate', 'preserve'])
    .default('mitigate')
    .describe(
      'mitigate: the rank must remove a share of what full fine-tuning removes; preserve: it must not be more toxic than the base.',
    ),
});

const screen = z
  .union([z.literal(true), z.array(loraRank).min(1)])
  .exactOptional()
  .describe(
    'Cuts the adapter of the highest rank to lower ones (its best approximation of each rank) and judges these as arms of a kind ' +
      'of their own, r64-cut8, beside what was trained: true for the other ranks of the sweep, or the ranks to cut to.',
  );

const generation = z.strictObject({
  samples: count.default(1).describe('Completions per prompt (K).'),
  maxNewTokens: count.default(20),
  temperature: z.number().min(0).default(1).describe('0 decodes greedily.'),
  topK: z.int().min(0).default(0).describe('0 keeps every token.'),
  topP: z.number().gt(0).max(1).default(1),
  seed: seed.default(0),
  stop: z.array(z.string().min(1)).default([]).describe('Texts that end a completion.'),
});

const evaluation = z.strictObject({
  everySteps: z
    .union([z.int().min(0), z.literal('auto')])
    .default('auto')
    .describe(
      'Probe loss, KL, entropy and toxicity every so many steps; 0 does not; auto: six times over the training where there ' +
        'are tune pairs.',
    ),
  prompts: count.default(16).describe('Prompts of a probe: of the tune pairs, or else of those that are trained on.'),
  hurtLex: path.optional().describe('HurtLex TSV; gives the HONEST score. Relative to the sweep file.'),
  klPositions: z
    .enum(['all', 'next'])
    .default('all')
    .describe(
      'Where KL from the base is measured: after each held-out prompt (next), or there and at every position of the ' +
        "prompt and of the base's first completion of it (all; figure 6).",
    ),
  lens: z
    .array(z.string().min(1))
    .default([])
    .describe('Prompts whose logit lens, with every arm, goes into the report (figures 1 and 3).'),
  resamples: count.default(2000).describe('Bootstrap resamples behind each interval.'),
  seed: seed.default(0),
});

export const toxicitySweepSchema = z
  .strictObject({
    $schema: z.string().optional(),
    experiment: z.literal('toxicity').describe('The question put to the arms (paper section 4.1).'),
    name: z.string().min(1).optional(),
    reproduces: reproducesSchema,
    settings: z
      .literal('paper')
      .exactOptional()
      .describe(
        "The paper's settings where nothing else is said: one learning rate of 5e-5 for all arms, alpha 2r, one epoch, 8 x 32 " +
          'pairs a step. They compare how far the arms have gone, not what their ranks can hold.',
      ),
    model: modelSchema,
    data,
    arms: armsSchema(namedOrTunedRates(5e-5)).extend({ screen }).prefault({}),
    training: trainingSchema({ epochs: 'paper: 1', batchSize: 8, gradientAccumulation: accumulationOrAuto }).prefault(
      {},
    ),
    generation: generation.prefault({}),
    judge: judgeSpec.prefault({ kind: 'lexicon' }),
    evaluation: evaluation.prefault({}),
    verdict: verdict.prefault({}),
    ...machineSchema,
  })
  .describe('What does each arm keep of the toxicity of the base model?');

/** What a person writes. */
export type ToxicitySweepFile = z.input<typeof toxicitySweepSchema>;
/** The same with every default in place; after `resolveSweep` with absolute paths too. */
export type ToxicitySweep = z.output<typeof toxicitySweepSchema>;
export type PromptFile = ToxicitySweep['data']['prompts'];
/** Where the texts come from that forgetting is measured on. */
export type NeutralTexts = NonNullable<ToxicitySweep['data']['neutral']>;
export type CounterfactualOptions = NonNullable<ToxicitySweep['data']['counterfactuals']>;
