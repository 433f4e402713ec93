/** What arms keep of the base against how much they have learned, probe by probe, and the trials of learning rates. */
import { z } from 'zod';
import { armMethod } from './armMethod.ts';
import type { Immutable } from '../immutable.ts';

const learningPoint = z.object({
  step: z.number(),
  /** Mean held-out loss, nats per token. */
  loss: z.number(),
  /** Share of toxic completions, 0..1, with its 95 % interval. */
  toxicity: z.object({ rate: z.number(), low: z.number(), high: z.number() }).exactOptional(),
  /** KL(base || arm), nats. */
  kl: z.number().exactOptional(),
  /** Largest difference between the toxicity rates of groups, 0..1. */
  groupGap: z.number().exactOptional(),
  /** Loss on neutral text minus the base's, nats per token. */
  forgetting: z.number().exactOptional(),
});
/** One probe of an arm. */
export type LearningPoint = Immutable<z.output<typeof learningPoint>>;

const learningCurve = z.object({
  arm: z.string(),
  method: armMethod,
  rank: z.number().exactOptional(),
  /** Ascending in steps; the first is the untrained arm. */
  points: z.array(learningPoint),
});
/** An arm along its training. */
export type LearningCurve = Immutable<z.output<typeof learningCurve>>;

const table = z.object({ header: z.array(z.string()), rows: z.array(z.array(z.string())) });

/** What a panel shows of it, of a run that has finished. */
const learning = z.object({
  curves: z.array(learningCurve),
  /** What the curves say of rank and distance; none where there is nothing to compare. */
  said: z.array(z.string()),
  /** Every arm at the least loss that all of them reached; without rows where there is none. */
  equalLoss: table,
  /** Trials of learning rates, with what became of each. */
  trials: table,
});
export type Learning = Immutable<z.output<typeof learning>>;
export const learningSchema: z.ZodType<Learning> = learning;
