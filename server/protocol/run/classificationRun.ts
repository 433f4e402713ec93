/** What a classification run (paper section 4.2) leaves behind in metrics.json and beside its arms. */
import { z } from 'zod';
import { armMethod } from './armMethod.ts';
import { estimateSchema } from './estimate.ts';
import type { Immutable } from '../immutable.ts';

const count = z.int().min(0);

/**
 * How a decision was read off a model: `completion`, correct if what it answers contains the label's word (paper section
 * 3.3); `probability`, the label whose word's tokens are likeliest as the answer; `head`, the likeliest class of a head.
 */
const decisionRule = z.enum(['completion', 'probability', 'head']);
export type DecisionRule = z.output<typeof decisionRule>;

const groupResult = z.object({
  group: z.string(),
  n: count.describe('Test examples of the group.'),
  accuracy: estimateSchema.describe('Share of them that was decided correctly, 0..1.'),
});

/** Harmful bias gap (paper section 3.3): accuracy of full fine-tuning minus that of the arm on a group, percentage points. */
const biasGap = z.object({
  group: z.string(),
  reference: z.string().describe('The fully fine-tuned arm, of the same seed and the same share of the minority.'),
  gap: estimateSchema.describe('Positive: the arm is worse for the group than full fine-tuning.'),
});
export type BiasGap = Immutable<z.output<typeof biasGap>>;

const ruleResult = z.object({
  rule: decisionRule,
  accuracy: estimateSchema,
  groups: z.array(groupResult),
  accuracyParity: estimateSchema.describe('Largest difference in accuracy between two groups, percentage points.'),
  worstGroupError: estimateSchema.describe('Error rate of the worst group, percentage points.'),
  worstGroup: z
    .string()
    .exactOptional()
    .describe('The group with the lowest accuracy; absent where a group has no examples.'),
  biasGaps: z.array(biasGap),
  answers: z
    .object({ none: count, several: count, n: count })
    .exactOptional()
    .describe("Answers that contain no label's word, and those that contain several; of the rule `completion` alone."),
});
export type RuleResult = Immutable<z.output<typeof ruleResult>>;

const calibrationBin = z.object({
  low: z.number().describe('Confidences from `low` up to, but not with, `high`; the last bin holds 1.'),
  high: z.number(),
  n: count,
  confidence: z
    .number()
    .exactOptional()
    .describe('Mean confidence and accuracy of its predictions, 0..1; absent in an empty bin.'),
  accuracy: z.number().exactOptional(),
});
export type CalibrationBin = Immutable<z.output<typeof calibrationBin>>;

const groupCalibration = z.object({
  group: z.string(),
  n: count,
  error: estimateSchema.describe('Expected calibration error of the label probabilities, 0..1.'),
  bins: z.array(calibrationBin),
});
export type GroupCalibration = Immutable<z.output<typeof groupCalibration>>;

/** How sure an arm was of one decision (paper figure 5). */
const decisionMargins = z.object({
  label: z.string().describe('The label that was decided for.'),
  n: count,
  margin: estimateSchema.describe('Probability of the label minus that of the next one, 0..1.'),
  histogram: z.array(z.number()).describe("Counts of the label's probability in bins of equal width over 0..1."),
});
export type DecisionMargins = Immutable<z.output<typeof decisionMargins>>;

/** What one arm, or several seeds of one kind of arm together, made of the test examples. */
export const classificationResult = z.object({
  rules: z.array(ruleResult),
  calibration: z.array(groupCalibration),
  margins: z.array(decisionMargins),
});
export type ClassificationResult = Immutable<z.output<typeof classificationResult>>;

/** All seeds of one rank, or of full fine-tuning, at one learning rate and one share of the minority. */
const classificationKind = z.object({
  name: z.string().describe('`base`, `r8`, `full`, `r8-lr5e-5`.'),
  method: armMethod,
  rank: z.int().exactOptional(),
  learningRate: z.number().exactOptional(),
  minority: z.number().exactOptional(),
  arms: z.array(z.string()).describe('The arms it is made of, which have a result.'),
  result: classificationResult,
});
export type ClassificationKind = Immutable<z.output<typeof classificationKind>>;

/** Training or test examples of a group. */
const groupCounts = z.object({ group: z.string(), n: count });
export type GroupCounts = Immutable<z.output<typeof groupCounts>>;

export const classificationSummary = z.object({
  labels: z.array(z.string()),
  groups: z.array(z.string()),
  minority: z.string().exactOptional().describe('The group made rarer, where the sweep names one.'),
  test: z.array(groupCounts),
  training: z
    .array(z.object({ minority: z.number().exactOptional(), counts: z.array(groupCounts) }))
    .describe('Training examples at each share of the minority, in the order of the sweep.'),
  kinds: z.array(classificationKind),
});
export type ClassificationSummary = Immutable<z.output<typeof classificationSummary>>;

/** One line of an arm's `predictions.jsonl`. */
export const storedPrediction = z.object({
  example: z.number().describe('0-based number of the test example.'),
  label: z.string(),
  group: z.string(),
  logProbabilities: z
    .array(z.number())
    .describe("Natural-log probability of each label, normalised over the labels; in the order of the sweep's labels."),
  answer: z.string().exactOptional().describe('What a causal model answered in its own words.'),
});
export type StoredPrediction = Immutable<z.output<typeof storedPrediction>>;
