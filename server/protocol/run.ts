/**
 * What a run says while it goes and what it leaves behind (run format 2). Panels, reports and other programs read these
 * alone. Every number is finite; what could not be measured is absent or carries a reason, never 0. Types follow from the
 * schemas; runFormat1.ts reads what earlier versions wrote.
 */
import { z } from 'zod';
import { armMethod } from './armMethod.ts';
import { classificationResult, classificationSummary } from './classificationRun.ts';
import { estimateSchema } from './estimate.ts';
import type { ExperimentName } from './experiments.ts';
import type { Immutable } from './immutable.ts';
import { runVerdictSchema } from './runVerdict.ts';

export type { ArmMethod } from './armMethod.ts';

const count = z.int().min(0);

/** One way of adapting the base model; `base` is the untouched model. Ids: `base`, `r8`, `full`, `r8-s1` (seed 1). */
const armDescription = z.object({
  id: z.string(),
  method: armMethod,
  rank: z.int().exactOptional(),
  alpha: z.number().exactOptional(),
  seed: z.int(),
  learningRate: z.number().exactOptional(),
  trainableParameters: z.int(),
  /** Share of the minority's training examples that the arm sees, in a classification sweep that names a minority. */
  minority: z.number().exactOptional(),
});
export type ArmDescription = Immutable<z.output<typeof armDescription>>;
export const armDescriptionSchema: z.ZodType<ArmDescription> = armDescription;

/** A paired difference of shares, `arm - reference`, over the same prompts, with its clustered 95 % interval. */
const pairedDifference = z.object({ reference: z.string(), difference: estimateSchema });
export type PairedDifference = Immutable<z.output<typeof pairedDifference>>;

/** One arm's line of `metrics.json`. A field that is new here needs an entry in server/measures/armMeasures.ts. */
const armMetrics = z.object({
  id: z.string(),
  method: armMethod,
  rank: z.int().exactOptional(),
  seed: z.int(),
  learningRate: z.number().exactOptional(),
  trainableParameters: z.int(),
  minority: z.number().exactOptional(),
  /** Toxic verdicts / verdicts given, 0..1 (paper section 3.3). Absent in a run that asked about something else. */
  toxicity: estimateSchema.exactOptional(),
  /** Completions whose judge failed, with the reason in verdicts.jsonl. */
  unjudged: count.exactOptional(),
  toxicityVersus: z.array(pairedDifference).exactOptional(),
  /** Present in a classification run, for an arm that has a result. */
  classification: classificationResult.exactOptional(),
  /** HONEST score: hurtful completions / (K x prompts), 0..1; absent when no hurtful lexicon was given. */
  honest: estimateSchema.exactOptional(),
  /** KL(base || arm) of the next-token distribution over the held-out prompts, nats. Absent for the base. */
  kl: estimateSchema.exactOptional(),
  /**
   * KL(base || arm) over every position of the held-out prompts and of the base's completions of them, nats; `n` is the
   * number of positions. Absent for the base, and in a run that measured after the prompts alone.
   */
  klAll: estimateSchema.exactOptional(),
  /** Mean entropy of the next-token distribution over the held-out prompts, nats. */
  entropy: estimateSchema.exactOptional(),
  /** Mean negative log-likelihood of the held-out completions, nats per token; `n` is the number of tokens. */
  heldOutLoss: estimateSchema.exactOptional(),
  /** exp(mean negative log-likelihood) of the held-out completions, per token; `n` is the number of tokens. */
  perplexity: estimateSchema.exactOptional(),
  /** Loss of the last step, nats per label token. */
  finalLoss: z.number().exactOptional(),
  /** The step whose weights were measured, where the loss on the tune pairs was least before the last step. */
  bestStep: z.number().exactOptional(),
  /** Packed (real, not padded) tokens of prompt and completion per second of training. */
  trainTokensPerSecond: z.number().exactOptional(),
  peakMemoryBytes: z.number().exactOptional(),
  /** Why this arm has no result: it diverged, was stopped, or failed. */
  failure: z.string().exactOptional(),
});
export type ArmMetrics = Immutable<z.output<typeof armMetrics>>;
export const armMetricsSchema: z.ZodType<ArmMetrics> = armMetrics;

/** What one round of mitigation made of one arm. */
const roundResult = z.object({
  /** 1-based. */
  round: z.int(),
  arm: z.string(),
  /** Optimiser steps of this round; 0 where nothing was left to learn from. */
  steps: count,
  /** Training prompts with counterfactuals, and the pairs that were trained on. */
  prompts: count,
  pairs: count,
  /** On the held-out prompts, after the round; absent where the arm took no further part. */
  toxicity: estimateSchema.exactOptional(),
  unjudged: count.exactOptional(),
  kl: estimateSchema.exactOptional(),
  /** Loss of the round's last step. */
  finalLoss: z.number().exactOptional(),
  /** Why the arm took no further part. */
  failure: z.string().exactOptional(),
  /** Whether a person stopped it, so that later rounds leave it out. */
  stopped: z.boolean().exactOptional(),
});
export type RoundResult = Immutable<z.output<typeof roundResult>>;
export const roundResultSchema: z.ZodType<RoundResult> = roundResult;

/** What a learning rate came to on the tune pairs. */
const tuningTrialShape = {
  method: z.enum(['lora', 'full']),
  /** Id of the arm that the rate was tried on. */
  triedOn: z.string(),
  learningRate: z.number(),
  /** Optimiser steps of the trial. */
  steps: count,
  /** Mean negative log-likelihood of the tune pairs after them, nats per token; absent where it failed. */
  loss: z.number().exactOptional(),
  /** Tokens behind the loss. */
  tokens: z.number().exactOptional(),
  /** Why there is no loss. */
  failure: z.string().exactOptional(),
};
const tuningTrial = z.object(tuningTrialShape);
/** A line of `tuning.jsonl`. */
export type TuningTrial = Immutable<z.output<typeof tuningTrial>>;
export const tuningTrialSchema: z.ZodType<TuningTrial> = tuningTrial;

const tunedRateShape = {
  method: z.enum(['lora', 'full']),
  /** Where each rank was tuned by itself. */
  rank: z.number().exactOptional(),
  /** Id of the arm that the rates were tried on. */
  triedOn: z.string(),
  learningRate: z.number(),
  /** Its loss on the tune pairs in its longest trial, nats per token. */
  loss: z.number(),
  /** Optimiser steps of all trials together. */
  steps: count,
  /** It is the least or greatest rate of all that were tried, though the grid was widened: a better one may lie beyond. */
  edge: z.enum(['lowest', 'highest']).exactOptional(),
};
const tunedRate = z.object(tunedRateShape);
/** The learning rate that was chosen for all arms of a method, or of a rank. */
export type TunedRate = Immutable<z.output<typeof tunedRate>>;

/** What the metrics of every run hold. */
const runShape = {
  version: z.literal(2),
  finished: z.string(),
  arms: z.array(armMetrics),
  /** Statements a reader needs beside the table: shared learning rate, few seeds, small samples. */
  notes: z.array(z.string()),
  /** Arms that a person stopped before the end of their training, which were evaluated as they stood. */
  stopped: z.array(z.string()).exactOptional(),
  /** Which ranks are safe; absent in a run that was begun without declaring what that means. */
  verdict: runVerdictSchema.exactOptional(),
  /** Present in a sweep whose learning rates were tuned. */
  tuning: z.array(tunedRate).exactOptional(),
};

/** What the metrics of a run hold beside that, by its experiment. */
const metricsSchemas = {
  toxicity: z.object({
    ...runShape,
    experiment: z.literal('toxicity'),
    /** Present in a sweep of several rounds of mitigation: every round and arm, in this order. */
    rounds: z.array(roundResult).exactOptional(),
  }),
  classification: z.object({
    ...runShape,
    experiment: z.literal('classification'),
    classification: classificationSummary,
  }),
} as const satisfies Readonly<Record<ExperimentName, z.ZodObject>>;

/** `metrics.json` of a run of one experiment. */
export type MetricsOf<E extends ExperimentName> = Immutable<z.output<(typeof metricsSchemas)[E]>>;
type OwnResult = { [E in ExperimentName]: Exclude<keyof MetricsOf<E>, keyof typeof runShape | 'experiment'> };
/** `metrics.json` of any run: a result that one experiment has is absent in the runs of the others. */
export type RunMetrics = {
  [E in ExperimentName]: MetricsOf<E> &
    Readonly<Partial<Record<Exclude<OwnResult[ExperimentName], OwnResult[E]>, never>>>;
}[ExperimentName];

type MetricsSchema = (typeof metricsSchemas)[ExperimentName];
const [firstMetrics, ...otherMetrics] = Object.values(metricsSchemas) as [MetricsSchema, ...MetricsSchema[]];
const runMetrics = z.discriminatedUnion('experiment', [firstMetrics, ...otherMetrics]);
export const runMetricsSchema: z.ZodType<RunMetrics> = runMetrics;

/**
 * The stages of a run, in order. While a model is loaded there may be no run yet: `loading` is reported, and in a new run
 * not stored.
 */
const phase = z.enum([
  'loading',
  'base-completions',
  'judging',
  'counterfactuals',
  'tuning',
  'training',
  'evaluation',
  'report',
]);
export type Phase = z.output<typeof phase>;

/** One optimiser step of one arm. A field that is new here needs an entry in server/measures/curves.ts. */
const step = z.object({
  /** Milliseconds since the epoch, as in every event. */
  time: z.number(),
  type: z.literal('step'),
  arm: z.string(),
  /** 1-based optimiser step. */
  step: z.number(),
  of: z.number(),
  /** Mean negative log-likelihood per label token before the step, nats. */
  loss: z.number(),
  /** Euclidean norm of the gradient over all trained parameters, before it is clipped. */
  gradientNorm: z.number(),
  learningRate: z.number(),
  tokens: z.number(),
  labelTokens: z.number(),
  seconds: z.number(),
  /** Resident memory of the engine process after the step, bytes. */
  memoryBytes: z.number(),
});
export type StepEvent = Immutable<z.output<typeof step>>;

/** What a probe found of an arm between two steps. A field that is new here needs an entry in server/measures/curves.ts. */
const probe = z.object({
  time: z.number(),
  type: z.literal('probe'),
  arm: z.string(),
  step: z.number(),
  kl: z.number().exactOptional(),
  entropy: z.number().exactOptional(),
  toxicityRate: z.number().exactOptional(),
  /** 95 % interval of the toxicity rate, whole sentence frames drawn. */
  toxicityLow: z.number().exactOptional(),
  toxicityHigh: z.number().exactOptional(),
  /** Mean negative log-likelihood of the tune pairs, nats per token, and the number of tokens. */
  heldOutLoss: z.number().exactOptional(),
  heldOutTokens: z.number().exactOptional(),
  /** Prompts that were probed. */
  n: z.number(),
});
export type ProbeEvent = Immutable<z.output<typeof probe>>;

const event = <Type extends string, Shape extends z.ZodRawShape>(type: Type, shape: Shape) =>
  z.object({ time: z.number(), type: z.literal(type), ...shape });

const runEvent = z.discriminatedUnion('type', [
  event('started', { run: z.string(), arms: z.array(armDescription), resumedAtStep: z.number().exactOptional() }),
  event('phase', { phase, detail: z.string().exactOptional(), total: z.number().exactOptional() }),
  event('progress', { phase, done: z.number(), total: z.number(), arm: z.string().exactOptional() }),
  step,
  probe,
  event('tuning-trial', tuningTrialShape),
  event('tuned', tunedRateShape),
  // An arm was put back to the weights with which its loss on the tune pairs was least.
  event('restored', { arm: z.string(), step: z.number(), loss: z.number() }),
  event('checkpoint', { step: z.number() }),
  event('arm-finished', {
    arm: z.string(),
    trainTokensPerSecond: z.number().exactOptional(),
    peakMemoryBytes: z.number().exactOptional(),
  }),
  event('arm-failed', { arm: z.string(), reason: z.string() }),
  event('arm-metrics', { metrics: armMetrics }),
  event('warning', { message: z.string() }),
  event('paused', { step: z.number() }),
  event('failed', { reason: z.string(), code: z.string() }),
  event('cancelled', {}),
  event('finished', { metrics: runMetrics }),
]);
/** One line of `events.jsonl`, and what `rankscope sweep --json` prints. */
export type RunEvent = Immutable<z.output<typeof runEvent>>;
export const runEventSchema: z.ZodType<RunEvent> = runEvent;

/** One line of `prompts.jsonl`. */
const storedPrompt = z.object({
  /** Within its part; of `certify` the one that completions and verdicts name. */
  promptIndex: z.number(),
  prompt: z.string(),
  template: z.string(),
  /** The sentence in any grammatical number: prompts of one frame are one cluster. */
  frame: z.string(),
  group: z.string().exactOptional(),
  /** Trained on, used for choosing rates and for probes, or what every result is read from. */
  split: z.enum(['train', 'tune', 'certify']),
});
export type StoredPrompt = Immutable<z.output<typeof storedPrompt>>;
export const storedPromptSchema: z.ZodType<StoredPrompt> = storedPrompt;

/** One line of an arm's `completions.jsonl`; its verdict stands at the same index of `verdicts.jsonl`. */
const storedCompletion = z.object({
  promptIndex: z.number(),
  prompt: z.string(),
  /** 0-based number of the sample among the K of this prompt. */
  sample: z.number(),
  completion: z.string(),
  tokens: z.array(z.number()),
});
export type StoredCompletion = Immutable<z.output<typeof storedCompletion>>;
export const storedCompletionSchema: z.ZodType<StoredCompletion> = storedCompletion;

const judged = { promptIndex: z.number(), sample: z.number(), judge: z.string() };
/** One line of an arm's `verdicts.jsonl`. */
const storedVerdict = z.union([
  z.object({ ...judged, unjudged: z.string() }),
  z.object({ ...judged, score: z.number(), toxic: z.boolean(), why: z.string().exactOptional() }),
]);
export type StoredVerdict = Immutable<z.output<typeof storedVerdict>>;
export const storedVerdictSchema: z.ZodType<StoredVerdict> = storedVerdict;
