/**
 * What a run says while it goes and what it leaves behind (run format 2). Panels, reports and other programs read these
 * alone. Every number is finite; what could not be measured is absent or carries a reason, never 0. Types follow from the
 * schemas; runFormat1.ts reads what earlier versions wrote.
 */
import { z } from 'zod';
import { armMethod } from './armMethod.ts';
import { classificationResult, classificationSummary } from './classificationRun.ts';
import { estimateSchema } from './estimate.ts';
import type { ExperimentName } from '../sweep/experiments.ts';
import type { Immutable } from '../immutable.ts';
import { runVerdictSchema } from './runVerdict.ts';

export type { ArmMethod } from './armMethod.ts';

const count = z.int().min(0);

/** One way of adapting the base model; `base` is the untouched model. Ids: `base`, `r8`, `full`, `r8-s1` (seed 1), `r64-cut8`. */
const armDescription = z.object({
  id: z.string(),
  method: armMethod,
  rank: z.int().exactOptional(),
  alpha: z.number().exactOptional(),
  seed: z.int(),
  learningRate: z.number().exactOptional(),
  trainableParameters: z.int(),
  minority: z
    .number()
    .exactOptional()
    .describe(
      "Share of the minority's training examples that the arm sees, in a classification sweep that names a minority.",
    ),
  cutFrom: z
    .string()
    .exactOptional()
    .describe('Id of the arm that a cut arm was cut from; `rank` is the rank that it was cut to.'),
});
export type ArmDescription = Immutable<z.output<typeof armDescription>>;
export const armDescriptionSchema: z.ZodType<ArmDescription> = armDescription;

/** A paired difference of shares, `arm - reference`, over the same prompts, with its clustered 95 % interval. */
const pairedDifference = z.object({ reference: z.string(), difference: estimateSchema });
export type PairedDifference = Immutable<z.output<typeof pairedDifference>>;

/** The same figures on the prompts that are about one group. */
const groupToxicity = z.object({
  group: z.string(),
  toxicity: estimateSchema,
  toxicAtLeastOnce: estimateSchema.exactOptional(),
  maximumToxicity: estimateSchema.exactOptional(),
  kl: estimateSchema
    .exactOptional()
    .describe('KL(base || arm) of the next-token distribution over these prompts, nats. Absent for the base.'),
  toxicityVersus: z.array(pairedDifference).exactOptional(),
});
export type GroupToxicity = Immutable<z.output<typeof groupToxicity>>;

/** One arm's line of `metrics.json`. A field that is new here needs an entry in server/measures/catalogue/armMeasures.ts. */
const armMetrics = z.object({
  id: z.string(),
  method: armMethod,
  rank: z.int().exactOptional(),
  seed: z.int(),
  learningRate: z.number().exactOptional(),
  trainableParameters: z.int(),
  minority: z.number().exactOptional(),
  cutFrom: z.string().exactOptional().describe('Id of the arm that a cut arm was cut from.'),
  toxicity: estimateSchema
    .exactOptional()
    .describe(
      'Toxic verdicts / verdicts given, 0..1 (paper section 3.3). Absent in a run that asked about something else.',
    ),
  toxicityGap: estimateSchema
    .exactOptional()
    .describe(
      'Largest difference in toxicity between two identity groups, percentage points; absent without two groups.',
    ),
  unjudged: count.exactOptional().describe('Completions whose judge failed, with the reason in verdicts.jsonl.'),
  toxicityVersus: z.array(pairedDifference).exactOptional(),
  toxicAtLeastOnce: estimateSchema
    .exactOptional()
    .describe('Share of prompts of which at least one of the K samples is toxic, 0..1; absent where K is 1.'),
  maximumToxicity: estimateSchema
    .exactOptional()
    .describe(
      "Mean over prompts of the judge's highest score among the K samples, 0..1 (RealToxicityPrompts); absent where K is 1.",
    ),
  worstGroupToxicity: z
    .object({ group: z.string(), rate: estimateSchema })
    .exactOptional()
    .describe(
      'The group with the highest rate of toxic verdicts; absent where the prompts are about fewer than two groups.',
    ),
  groups: z.array(groupToxicity).exactOptional(),
  classification: classificationResult
    .exactOptional()
    .describe('Present in a classification run, for an arm that has a result.'),
  honest: estimateSchema
    .exactOptional()
    .describe('HONEST score: hurtful completions / (K x prompts), 0..1; absent when no hurtful lexicon was given.'),
  kl: estimateSchema
    .exactOptional()
    .describe('KL(base || arm) of the next-token distribution over the held-out prompts, nats. Absent for the base.'),
  klAll: estimateSchema
    .exactOptional()
    .describe(
      "KL(base || arm) over every position of the held-out prompts and of the base's completions of them, nats; `n` is the number of positions. Absent for the base, and in a run that measured after the prompts alone.",
    ),
  entropy: estimateSchema
    .exactOptional()
    .describe('Mean entropy of the next-token distribution over the held-out prompts, nats.'),
  heldOutLoss: estimateSchema
    .exactOptional()
    .describe('Mean negative log-likelihood of the held-out completions, nats per token; `n` is the number of tokens.'),
  perplexity: estimateSchema
    .exactOptional()
    .describe('exp(mean negative log-likelihood) of the held-out completions, per token; `n` is the number of tokens.'),
  neutralLoss: estimateSchema
    .exactOptional()
    .describe('Mean negative log-likelihood of neutral text, nats per token; `n` is the number of tokens.'),
  forgetting: estimateSchema
    .exactOptional()
    .describe(
      "`neutralLoss` minus the base's, nats per token, with texts paired; `n` is the number of texts. Absent for the base.",
    ),
  finalLoss: z.number().exactOptional().describe('Loss of the last step, nats per label token.'),
  bestStep: z
    .number()
    .exactOptional()
    .describe('The step whose weights were measured, where the loss on the tune pairs was least before the last step.'),
  trainTokensPerSecond: z
    .number()
    .exactOptional()
    .describe('Packed (real, not padded) tokens of prompt and completion per second of training.'),
  peakMemoryBytes: z.number().exactOptional(),
  failure: z.string().exactOptional().describe('Why this arm has no result: it diverged, was stopped, or failed.'),
});
export type ArmMetrics = Immutable<z.output<typeof armMetrics>>;
export const armMetricsSchema: z.ZodType<ArmMetrics> = armMetrics;

/** What one round of mitigation made of one arm. */
const roundResult = z.object({
  round: z.int().describe('1-based.'),
  arm: z.string(),
  steps: count.describe('Optimiser steps of this round; 0 where nothing was left to learn from.'),
  prompts: count.describe('Training prompts with counterfactuals, and the pairs that were trained on.'),
  pairs: count,
  toxicity: estimateSchema
    .exactOptional()
    .describe('On the held-out prompts, after the round; absent where the arm took no further part.'),
  unjudged: count.exactOptional(),
  kl: estimateSchema.exactOptional(),
  finalLoss: z.number().exactOptional().describe("Loss of the round's last step."),
  failure: z.string().exactOptional().describe('Why the arm took no further part.'),
  stopped: z.boolean().exactOptional().describe('Whether a person stopped it, so that later rounds leave it out.'),
});
export type RoundResult = Immutable<z.output<typeof roundResult>>;
export const roundResultSchema: z.ZodType<RoundResult> = roundResult;

/** What a learning rate came to on the tune pairs. */
const tuningTrialShape = {
  method: z.enum(['lora', 'full']),
  triedOn: z.string().describe('Id of the arm that the rate was tried on.'),
  learningRate: z.number(),
  steps: count.describe('Optimiser steps of the trial.'),
  loss: z
    .number()
    .exactOptional()
    .describe('Mean negative log-likelihood of the tune pairs after them, nats per token; absent where it failed.'),
  tokens: z.number().exactOptional().describe('Tokens behind the loss.'),
  failure: z.string().exactOptional().describe('Why there is no loss.'),
};
const tuningTrial = z.object(tuningTrialShape);
/** A line of `tuning.jsonl`. */
export type TuningTrial = Immutable<z.output<typeof tuningTrial>>;
export const tuningTrialSchema: z.ZodType<TuningTrial> = tuningTrial;

const tunedRateShape = {
  method: z.enum(['lora', 'full']),
  rank: z.number().exactOptional().describe('Where each rank was tuned by itself.'),
  triedOn: z.string().describe('Id of the arm that the rates were tried on.'),
  learningRate: z.number(),
  loss: z.number().describe('Its loss on the tune pairs in its longest trial, nats per token.'),
  steps: count.describe('Optimiser steps of all trials together.'),
  edge: z
    .enum(['lowest', 'highest'])
    .exactOptional()
    .describe(
      'It is the least or greatest rate of all that were tried, though the grid was widened: a better one may lie beyond.',
    ),
};
const tunedRate = z.object(tunedRateShape);
/** The learning rate that was chosen for all arms of a method, or of a rank. */
export type TunedRate = Immutable<z.output<typeof tunedRate>>;

/** What the metrics of every run hold. */
const runShape = {
  version: z.literal(2),
  finished: z.string(),
  arms: z.array(armMetrics),
  notes: z
    .array(z.string())
    .describe('Statements a reader needs beside the table: shared learning rate, few seeds, small samples.'),
  stopped: z
    .array(z.string())
    .exactOptional()
    .describe('Arms that a person stopped before the end of their training, which were evaluated as they stood.'),
  verdict: runVerdictSchema
    .exactOptional()
    .describe('Which ranks are safe; absent in a run that was begun without declaring what that means.'),
  tuning: z.array(tunedRate).exactOptional().describe('Present in a sweep whose learning rates were tuned.'),
};

/** What the metrics of a run hold beside that, by its experiment. */
const metricsSchemas = {
  toxicity: z.object({
    ...runShape,
    experiment: z.literal('toxicity'),
    rounds: z
      .array(roundResult)
      .exactOptional()
      .describe('Present in a sweep of several rounds of mitigation: every round and arm, in this order.'),
  }),
  classification: z.object({
    ...runShape,
    experiment: z.literal('classification'),
    classification: classificationSummary.describe('How the arms classify each group.'),
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

const time = z.number().describe('Milliseconds since 1970.');

/** A field that is new here needs an entry in server/measures/catalogue/curves.ts. */
const step = z
  .object({
    time,
    type: z.literal('step'),
    arm: z.string(),
    step: z.number().describe('1-based optimiser step.'),
    of: z.number().describe('Steps that the arm is to train.'),
    loss: z.number().describe('Mean negative log-likelihood per label token before the step, nats.'),
    gradientNorm: z
      .number()
      .describe('Euclidean norm of the gradient over all trained parameters, before it is clipped.'),
    learningRate: z.number(),
    tokens: z.number(),
    labelTokens: z.number(),
    seconds: z.number(),
    memoryBytes: z.number().describe('Resident memory of the engine process after the step, bytes.'),
  })
  .describe('One optimiser step of one arm.');
export type StepEvent = Immutable<z.output<typeof step>>;

/** A field that is new here needs an entry in server/measures/catalogue/curves.ts. */
const probe = z
  .object({
    time,
    type: z.literal('probe'),
    arm: z.string(),
    step: z.number(),
    kl: z.number().exactOptional().describe('KL(base || arm) of the next token, nats.'),
    entropy: z.number().exactOptional().describe('Nats.'),
    toxicityRate: z.number().exactOptional().describe('0..1.'),
    toxicityLow: z
      .number()
      .exactOptional()
      .describe('Lower end of its 95 % interval; whole sentence frames are drawn.'),
    toxicityHigh: z.number().exactOptional(),
    heldOutLoss: z.number().exactOptional().describe('Mean negative log-likelihood of the tune pairs, nats per token.'),
    heldOutTokens: z.number().exactOptional().describe('Tokens behind that loss.'),
    groupGap: z
      .number()
      .exactOptional()
      .describe(
        'Largest difference between the toxicity rates of groups, 0..1; absent where the prompts are about fewer than two.',
      ),
    forgetting: z
      .number()
      .exactOptional()
      .describe("Loss on neutral text minus the base's, nats per token. Absent for the base."),
    n: z.number().describe('Prompts that were probed.'),
  })
  .describe('What was measured of an arm between two steps.');
export type ProbeEvent = Immutable<z.output<typeof probe>>;

const event = <Type extends string, Shape extends z.ZodRawShape>(type: Type, about: string, shape: Shape) =>
  z.object({ time, type: z.literal(type), ...shape }).describe(about);

const runEvent = z.discriminatedUnion('type', [
  event('started', 'A run begins, or goes on after a resume.', {
    run: z.string(),
    arms: z.array(armDescription),
    resumedAtStep: z.number().exactOptional(),
  }),
  event('phase', 'A stage begins.', { phase, detail: z.string().exactOptional(), total: z.number().exactOptional() }),
  event('progress', 'How far the stage is.', {
    phase,
    done: z.number(),
    total: z.number(),
    arm: z.string().exactOptional(),
  }),
  step,
  probe,
  event('tuning-trial', 'A learning rate was tried.', tuningTrialShape),
  event('tuned', 'A learning rate was chosen for the arms of a method, or of a rank.', tunedRateShape),
  event('restored', 'An arm was put back to the weights with which its loss on the tune pairs was least.', {
    arm: z.string(),
    step: z.number(),
    loss: z.number(),
  }),
  event('checkpoint', 'All arms lie in a checkpoint, from which the run can be resumed.', { step: z.number() }),
  event('arm-finished', 'The training of an arm has ended.', {
    arm: z.string(),
    trainTokensPerSecond: z.number().exactOptional(),
    peakMemoryBytes: z.number().exactOptional(),
  }),
  event('arm-failed', 'An arm has no result.', { arm: z.string(), reason: z.string() }),
  event('arm-metrics', 'An arm has been measured.', { metrics: armMetrics }),
  event('warning', 'What a person should know, and what stops nothing.', { message: z.string() }),
  event('paused', 'Training is held after this step.', { step: z.number() }),
  event('failed', 'The run has ended without a result.', { reason: z.string(), code: z.string() }),
  event('cancelled', 'Somebody ended the run; it can be resumed.', {}),
  event('finished', 'All arms have been measured.', { metrics: runMetrics }),
]);
/** One line of `events.jsonl`, and what `rankscope sweep --json` prints. */
export type RunEvent = Immutable<z.output<typeof runEvent>>;
export const runEventSchema: z.ZodType<RunEvent> = runEvent;

/** One line of `prompts.jsonl`. */
const storedPrompt = z.object({
  promptIndex: z.number().describe('Within its part; of `certify` the one that completions and verdicts name.'),
  prompt: z.string(),
  template: z.string(),
  frame: z.string().describe('The sentence in any grammatical number: prompts of one frame are one cluster.'),
  group: z.string().exactOptional(),
  split: z
    .enum(['train', 'tune', 'certify'])
    .describe('Trained on, used for choosing rates and for probes, or what every result is read from.'),
});
export type StoredPrompt = Immutable<z.output<typeof storedPrompt>>;
export const storedPromptSchema: z.ZodType<StoredPrompt> = storedPrompt;

/** One line of an arm's `completions.jsonl`; its verdict stands at the same index of `verdicts.jsonl`. */
const storedCompletion = z.object({
  promptIndex: z.number(),
  prompt: z.string(),
  sample: z.number().describe('0-based number of the sample among the K of this prompt.'),
  completion: z.string(),
  tokens: z.array(z.number()),
});
export type StoredCompletion = Immutable<z.output<typeof storedCompletion>>;
export const storedCompletionSchema: z.ZodType<StoredCompletion> = storedCompletion;

/** One line of an arm's `divergence.jsonl`: KL and entropy of one held-out prompt. */
const storedDivergence = z.object({
  promptIndex: z.number(),
  kl: z.number().exactOptional().describe('Nats; absent for the base, and where it is infinite.'),
  klReason: z
    .string()
    .exactOptional()
    .describe('Why a number of these is missing; absent where none is, and in runs of earlier versions.'),
  entropy: z.number().exactOptional(),
  promptTokens: z.number().exactOptional(),
  klAt: z
    .array(z.number().nullable())
    .exactOptional()
    .describe('KL(base || arm) after each position of the prompt and of the completion by the base; null is infinite.'),
});
export type StoredDivergence = Immutable<z.output<typeof storedDivergence>>;
export const storedDivergenceSchema: z.ZodType<StoredDivergence> = storedDivergence;

const judged = { promptIndex: z.number(), sample: z.number(), judge: z.string() };
/** One line of an arm's `verdicts.jsonl`. */
const storedVerdict = z.union([
  z.object({ ...judged, unjudged: z.string() }),
  z.object({ ...judged, score: z.number(), toxic: z.boolean(), why: z.string().exactOptional() }),
]);
export type StoredVerdict = Immutable<z.output<typeof storedVerdict>>;
export const storedVerdictSchema: z.ZodType<StoredVerdict> = storedVerdict;
