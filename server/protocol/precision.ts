/** What rounding the base model's weights to few bits did to it: measured before a run, kept in its record. */
import { z } from 'zod';

export const precision = z.object({
  /** How its matrices are kept. */
  weights: z.enum(['int8', 'int4']),
  /** What it was compared with: the same model with its weights as they are. */
  reference: z.enum(['fp32', 'fp16']),
  /** Mean KL(reference || as kept) of the next token's distribution over `positions` positions of prompts, nats. */
  kl: z.number().min(0),
  /** The same after the whole prompts alone. */
  klNext: z.number().min(0),
  /** The largest at one position. */
  largest: z.number().min(0),
  /** Share of the positions at which both think the same token the likeliest, 0..1. */
  sameToken: z.number().min(0).max(1),
  positions: z.int().min(1),
  prompts: z.int().min(1),
  /** The mean that would have been too much. */
  limit: z.number().gt(0),
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
