/**
 * What a logit lens shows (paper figures 1 and 3): at every layer and position of a prompt, what the model would say if
 * it ended there, read through its own final norm and head. The same shape crosses the channel, lies in a run's folder
 * and is drawn by reports and panels.
 */
import { z } from 'zod';

const lensToken = z.object({
  id: z.int().min(0),
  token: z
    .string()
    .describe(
      "The token's text with its spaces; tokens that are parts of a character only are shown as the vocabulary has them.",
    ),
  probability: z.number().min(0).max(1).describe('0..1'),
});
export type LensToken = Readonly<z.output<typeof lensToken>>;

const lensCell = z.object({
  top: z
    .array(lensToken)
    .min(1)
    .describe('The likeliest tokens, likeliest first: five, or all where the vocabulary is smaller.'),
  entropy: z.number().min(0).describe('Of the whole distribution, nats.'),
  kl: z
    .number()
    .min(0)
    .exactOptional()
    .describe('KL(base || arm) at the same layer and position, nats. Absent for the base, and where it is infinite.'),
});
export type LensCell = Readonly<z.output<typeof lensCell>>;

const lensArm = z.object({
  arm: z.string().min(1),
  tokens: z
    .array(z.string())
    .min(1)
    .describe(
      'The prompt as the model reads it, a text a token: `layers[l][p]` is what is expected to follow `tokens[p]`.',
    ),
  layers: z
    .array(z.array(lensCell))
    .min(2)
    .describe(
      "`layers[l][p]`: after the embeddings (l = 0), and after each layer. The last is the model's own output.",
    ),
});
export type LensArm = Readonly<z.output<typeof lensArm>>;

export const lensResultSchema = z.object({
  prompt: z.string(),
  arms: z
    .array(lensArm)
    .min(1)
    .describe(
      'In the order asked for, the base first where it was asked for. All have the same tokens and number of layers.',
    ),
});
/** The lens of one prompt. */
export type LensResult = Readonly<z.output<typeof lensResultSchema>>;

/** Likeliest tokens kept of each cell. */
export const lensTop = 5;

/** Whether a value read from a disk is the lens of a prompt. */
export function isLensResult(value: unknown): value is LensResult {
  return lensResultSchema.safeParse(value).success;
}
