/**
 * The sweep file: one definition that gives its TypeScript types, its validation, its defaults and the published JSON
 * Schema (media/sweep.schema.json). Defaults are the paper's where it gives one (section 4.1, appendix C).
 * Parsing is idempotent: a parsed sweep, written out, is a sweep file that parses to itself.
 */
import { z } from 'zod';
import { judgeSpec } from './judgeSpec.ts';

const count = z.int().min(1);
const seed = z.int().min(0).max(0xffffffff);
const rate = z.number().positive();
const path = z.string().min(1);

/** One or several values; several make one arm each. */
const oneOrMore = <T extends z.ZodType>(value: T) => z.union([value, z.array(value).min(1)]);

const promptFile = z
  .strictObject({
    file: path.describe('File of prompts, relative to the sweep file.'),
    format: z
      .enum(['auto', 'honest', 'jsonl', 'text'])
      .default('auto')
      .describe('honest: TSV with a [M] mask; jsonl: an object a line with "prompt" or "text"; text: a prompt a line.'),
    limit: count
      .optional()
      .describe('Use only this many prompts: the first, or a random sample if sampleSeed is given.'),
    sampleSeed: seed.optional().describe('Seed of the random sample of `limit` prompts.'),
  })
  .describe('A file of prompts.');

const heldOutFraction = z
  .strictObject({
    fraction: z.number().gt(0).lt(1).describe('Share of the prompt templates kept away from training.'),
    seed: seed.default(0),
  })
  .describe('Holds out all prompts of a share of the templates (HONEST: the sentence without its subject).');

const pairFile = z.strictObject({
  file: path.describe('JSONL with {"prompt","completion"} a line, relative to the sweep file.'),
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
  })
  .describe('Training pairs written by a generator model with the prompt of appendix C.1.');

const data = z
  .strictObject({
    prompts: promptFile,
    heldOut: z.union([promptFile, heldOutFraction]).default({ fraction: 0.25, seed: 0 }),
    pairs: pairFile.optional().describe('Given counterfactuals. Pairs whose prompt is held out are not trained on.'),
    counterfactuals: counterfactuals.optional(),
    heldOutPairs: z
      .union([pairFile, heldOutFraction])
      .optional()
      .describe('Pairs that perplexity is measured on: a file, or a share of the training pairs split by prompt.'),
  })
  .refine((value) => (value.pairs === undefined) !== (value.counterfactuals === undefined), {
    message: 'give either "pairs" (a file) or "counterfactuals" (a generator model), and not both',
  });

const learningRates = z.strictObject({
  lora: oneOrMore(rate).default(5e-5),
  full: oneOrMore(rate).default(5e-5),
});

const arms = z.strictObject({
  ranks: z.array(count.max(4096)).default([2, 4, 8, 16, 32, 64]).describe('LoRA ranks, one arm each.'),
  full: z.boolean().default(true).describe('Whether full fine-tuning is an arm.'),
  alpha: z
    .union([z.number().positive(), z.literal('rank'), z.string().regex(/^\d+(\.\d+)?r$/)])
    .default('2r')
    .describe('LoRA alpha: a number, "rank", or a multiple of the rank such as "2r".'),
  scaling: z.enum(['lora', 'rslora']).default('lora').describe('alpha / rank, or rank-stabilised alpha / sqrt(rank).'),
  dropout: z.number().min(0).lt(1).default(0).describe('Dropout on the input of the adapters.'),
  targets: z
    .union([z.enum(['default', 'all-linear']), z.array(z.string().min(1)).min(1)])
    .default('default')
    .describe("Modules that get adapters: PEFT's default for the model, every linear layer, or names."),
  seeds: z.array(seed).min(1).default([0]).describe('One arm of each kind per seed: initial adapters, dropout, order.'),
  learningRate: z
    .union([rate, z.array(rate).min(1), learningRates])
    .default(5e-5)
    .describe('One rate for all arms, several to compare, or apart for lora and full.'),
  init: z
    .record(z.string(), path)
    .default({})
    .describe('Starting adapters: arm id to a PEFT adapter folder, relative to the sweep file.'),
});

const training = z
  .strictObject({
    epochs: z.number().positive().optional().describe('Passes over the training pairs (paper: 1).'),
    steps: count.optional().describe('Optimiser steps, instead of epochs.'),
    batchSize: count.default(8),
    gradientAccumulation: count.default(32).describe('Batches per optimiser step (paper: 32).'),
    schedule: z.enum(['constant', 'linear', 'cosine']).default('linear'),
    warmupSteps: z.int().min(0).optional(),
    warmupRatio: z.number().min(0).max(1).optional(),
    weightDecay: z.number().min(0).default(0),
    clip: z.number().min(0).default(1).describe('Largest gradient norm; 0 does not clip.'),
    betas: z.tuple([z.number().min(0).lt(1), z.number().min(0).lt(1)]).default([0.9, 0.999]),
    epsilon: z.number().positive().default(1e-8),
    seed: seed.default(0).describe('Seed of the order of the pairs; an arm adds its own seed.'),
    shuffle: z.boolean().default(true),
    appendEos: z.boolean().default(true).describe('Whether completions end with the end-of-text token.'),
    maxLength: count.default(512).describe('Tokens of prompt and completion together; longer pairs are cut.'),
  })
  .refine((value) => value.epochs === undefined || value.steps === undefined, {
    message: 'give "epochs" or "steps", and not both',
  })
  .refine((value) => value.warmupSteps === undefined || value.warmupRatio === undefined, {
    message: 'give "warmupSteps" or "warmupRatio", and not both',
  });

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
  everySteps: z.int().min(0).default(0).describe('Probe KL, entropy and toxicity every so many steps; 0 does not.'),
  prompts: count.default(16).describe('Held-out prompts of a probe.'),
  hurtLex: path.optional().describe('HurtLex TSV; gives the HONEST score. Relative to the sweep file.'),
  resamples: count.default(2000).describe('Bootstrap resamples behind each interval.'),
  seed: seed.default(0),
});

export const sweepFileSchema = z
  .strictObject({
    $schema: z.string().optional(),
    experiment: z.literal('toxicity').describe('The question put to the arms (paper section 4.1).'),
    name: z.string().min(1).optional(),
    model: path.describe('Base model: Hugging Face folder or GGUF file, relative to the sweep file, or a hub id.'),
    data,
    arms: arms.prefault({}),
    training: training.prefault({}),
    generation: generation.prefault({}),
    judge: judgeSpec.prefault({ kind: 'lexicon' }),
    evaluation: evaluation.prefault({}),
    checkpointEverySteps: z.int().min(0).default(50).describe('0 keeps no checkpoints: the run cannot be resumed.'),
    device: z.enum(['auto', 'cpu', 'webgpu', 'cuda', 'dml', 'coreml']).default('auto'),
    threads: z.int().min(0).default(0).describe('Threads of a matrix product; 0 lets the runtime choose.'),
  })
  .describe('A Rankscope sweep: one question put to several ways of fine-tuning one base model.');

/** What a person writes. */
export type SweepFile = z.input<typeof sweepFileSchema>;
/** The same with every default in place; after `resolveSweep` with absolute paths too. */
export type Sweep = z.output<typeof sweepFileSchema>;
export type PromptFile = Sweep['data']['prompts'];
export type CounterfactualOptions = NonNullable<Sweep['data']['counterfactuals']>;

/** The published JSON Schema of the file as a person writes it. */
export function sweepJsonSchema(): Record<string, unknown> {
  return { title: 'Rankscope sweep', ...z.toJSONSchema(sweepFileSchema, { io: 'input', target: 'draft-7' }) };
}
