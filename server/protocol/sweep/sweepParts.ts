/** What the sweep files of all experiments have in common: arms, training, machine. */
import { z } from 'zod';
import { adapterMethod, adapterMethodWords, adapterScaling } from './adapterMethod.ts';
import { deviceName } from '../devices/deviceChoice.ts';

export const count = z.int().min(1);
/** Rank of an adapter. */
export const loraRank = count.max(4096);
export const seed = z.int().min(0).max(0xffffffff);
const rate = z.number().positive();
export const path = z.string().min(1);

/** One or several values; several make one arm each. */
const oneOrMore = <T extends z.ZodType>(value: T) => z.union([value, z.array(value).min(1)]);

const learningRates = (usual: number) =>
  z.strictObject({ lora: oneOrMore(rate).default(usual), full: oneOrMore(rate).default(usual) });

const grid = (usual: readonly number[]) =>
  z
    .array(rate)
    .min(3)
    .default([...usual]);

/** Rates that are chosen by held-out loss. Full fine-tuning's best rate is near a tenth of LoRA's. */
const tunedRates = z
  .strictObject({
    tune: z
      .enum(['method', 'rank'])
      .describe(
        'One rate for all ranks, tried on the middle one, or each rank by itself. Full has its own either way.',
      ),
    lora: grid([1e-4, 3e-4, 1e-3, 3e-3, 1e-2]),
    full: grid([1e-5, 3e-5, 1e-4, 3e-4, 1e-3]),
  })
  .describe(
    'Rates chosen by the loss on the tune examples (data.tune), never by toxicity or accuracy, from a grid by successive halving.',
  );

const fixedRates = (usual: number) => [rate, z.array(rate).min(1), learningRates(usual)] as const;

/** Learning rates that a sweep names, or "tune", which is what a sweep gets that says nothing. */
export const namedOrTunedRates = (usual: number) =>
  z
    .union([...fixedRates(usual), z.literal('tune'), tunedRates])
    .default('tune')
    .describe(
      '"tune" chooses a rate for LoRA and one for full fine-tuning by held-out loss; or one rate for all arms, several ' +
        'to compare, or apart for lora and full.',
    );

/** The arms of a sweep; `learningRate` is what it may say of rates. */
export const armsSchema = <Rates extends z.ZodType>(learningRate: Rates) =>
  z.strictObject({
    ranks: z.array(loraRank).default([2, 4, 8, 16, 32, 64]).describe('Ranks of the adapters, one arm each.'),
    full: z.boolean().default(true).describe('Whether full fine-tuning is an arm.'),
    alpha: z
      .union([z.number().positive(), z.literal('rank'), z.string().regex(/^\d+(\.\d+)?r$/)])
      .default(32)
      .describe(
        'LoRA alpha: a number, with which the best learning rate hardly depends on the rank; "rank", or a multiple of the ' +
          'rank such as "2r" (the paper), with which an arm\'s first steps grow with its rank.',
      ),
    method: adapterMethod.default('lora').describe(`How the arms of low rank adapt a matrix: ${adapterMethodWords}.`),
    scaling: adapterScaling
      .default('lora')
      .describe('What multiplies B A, in LoRA and DoRA alike: alpha / rank, or rsLoRA: alpha / sqrt(rank).'),
    dropout: z.number().min(0).lt(1).default(0).describe('Dropout on the input of the adapters.'),
    targets: z
      .union([z.enum(['default', 'all-linear']), z.array(z.string().min(1)).min(1)])
      .default('default')
      .describe("Modules that get adapters: PEFT's default for the model, every linear layer, or names."),
    seeds: z
      .array(seed)
      .min(1)
      .default([0])
      .describe('One arm of each kind per seed: initial adapters, dropout, order.'),
    learningRate,
    init: z
      .record(z.string(), path)
      .default({})
      .describe('Starting adapters: arm id to a PEFT adapter folder, relative to the sweep file.'),
  });

export interface UsualTraining<Accumulation extends z.ZodType> {
  readonly epochs: string;
  readonly batchSize: number;
  readonly gradientAccumulation: Accumulation;
}

/** Batches an optimiser step. */
export const accumulation = count.default(1).describe('Batches per optimiser step.');

/** The same, settled by the number of pairs unless it is given. */
export const accumulationOrAuto = z
  .union([count, z.literal('auto')])
  .default('auto')
  .describe("Batches per optimiser step; auto: the paper's 32, or fewer so that there are at least 40 steps.");

/** How the arms of a sweep are trained, with the experiment's own defaults. */
export const trainingSchema = <Accumulation extends z.ZodType>(usual: UsualTraining<Accumulation>) =>
  z
    .strictObject({
      epochs: z.number().positive().optional().describe(`Passes over the training data (${usual.epochs}).`),
      steps: count.optional().describe('Optimiser steps, instead of epochs.'),
      batchSize: count.default(usual.batchSize),
      gradientAccumulation: usual.gradientAccumulation,
      gradientCheckpointing: z
        .boolean()
        .default(false)
        .describe('Compute each layer again in the backward pass instead of keeping it: less memory, more time.'),
      patience: z
        .int()
        .min(0)
        .default(3)
        .describe(
          'Probes without a lesser loss on the tune pairs after which an arm is trained no further; it gets the weights of its ' +
            'least loss back. 0 keeps the weights of the last step.',
        ),
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

/** What every sweep has beside its question. */
export const machineSchema = {
  checkpointEverySteps: z.int().min(0).default(50).describe('0 keeps no checkpoints: the run cannot be resumed.'),
  device: deviceName.default('auto'),
  threads: z.int().min(0).default(0).describe('Threads of a matrix product; 0 lets the runtime choose.'),
  weights: z
    .enum(['auto', 'fp32', 'fp16', 'int8', 'int4'])
    .default('auto')
    .describe(
      'How frozen matrices are kept: auto takes fp16 where fp32 does not fit and nothing is rounded by it; int8 and int4 ' +
        'are for causal models without full fine-tuning, and checked before the run.',
    ),
  lowMemory: z
    .boolean()
    .default(false)
    .describe(
      'Whether weights are used as they lie in their file, without copies laid out for the matrix products, and fewer texts ' +
        'are completed at once: slower, in about half of the memory.',
    ),
  weightsKl: z
    .number()
    .positive()
    .optional()
    .describe('Largest mean KL(weights as they are || as int8 or int4), nats a token; more refuses the run (0.05).'),
};

export const modelSchema = path.describe(
  'Base model: Hugging Face folder or GGUF file, relative to the sweep file, or a hub id.',
);

/** Which result of the paper a sweep repeats, and at which scale; the report then shows the paper's numbers beside its own. */
export const reproducesSchema = z
  .strictObject({
    item: z.enum(['table1', 'figure2', 'figure4', 'figure5', 'figure6', 'honest-race']),
    scale: z.enum(['small', 'paper']),
    dataset: z.string().min(1).optional().describe('The data set that this sweep stands for: IMDb or SST2.'),
  })
  .optional()
  .describe('The result of the paper that this sweep repeats.');

const column = z.string().min(1).exactOptional();

/** Which fields or columns of a file hold what, for the roles that its use has. */
export const columnsSchema = <Role extends string>(...roles: readonly Role[]) =>
  z
    .strictObject(Object.fromEntries(roles.map((role) => [role, column])) as Record<Role, typeof column>)
    .exactOptional()
    .describe(`Fields or columns of the file that hold what, where they are not recognised: ${roles.join(', ')}.`);

/** How many of a file's `what` are used, and which. */
export const sampledSchema = (what: string) => ({
  limit: count.optional().describe(`Use only this many ${what}: the first, or a random sample if sampleSeed is given.`),
  sampleSeed: seed.optional().describe(`Seed of the random sample of \`limit\` ${what}.`),
});
