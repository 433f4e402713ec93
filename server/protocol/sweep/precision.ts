/** What rounding the base model's weights to few bits did to it: measured before a run, kept in its record. */
import { z } from 'zod';

export const precision = z.object({
  weights: z.enum(['int8', 'int4']).describe('How its matrices are kept.'),
  reference: z
    .enum(['fp32', 'fp16'])
    .describe('What it was compared with: the same model with its weights as they are.'),
  kl: z
    .number()
    .min(0)
    .describe(
      "Mean KL(reference || as kept) of the next token's distribution over `positions` positions of prompts, nats.",
    ),
  klNext: z.number().min(0).describe('The same after the whole prompts alone.'),
  largest: z.number().min(0).describe('The largest at one position.'),
  sameToken: z
    .number()
    .min(0)
    .max(1)
    .describe('Share of the positions at which both think the same token the likeliest, 0..1.'),
  positions: z.int().min(1),
  prompts: z.int().min(1),
  limit: z.number().gt(0).describe('The mean that would have been too much.'),
});
export type Precision = Readonly<z.output<typeof precision>>;

/** In a sentence, for reports. */
export function precisionLine(found: Precision): string {
  const { weights, reference, kl, klNext, largest, sameToken, positions, prompts, limit } = found;
  return (
    `weights as ${weights}: KL(${reference} || ${weights}) ${short(kl)} nats a token over ${positions} positions of ` +
    `${prompts} prompts (${short(klNext)} after the prompts, at most ${short(largest)}; ${limit} is allowed), the same ` +
    `likeliest token at ${Math.round(100 * sameToken)} %`
  );
}

const short = (nats: number): string => (nats < 1e-4 ? nats.toExponential(0) : String(Number(nats.toPrecision(2))));
