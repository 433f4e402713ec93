/** Reads unknown values, from a disk or a process border, as what `run.ts` describes, in whichever format they are. */
import type { z } from 'zod';
import { storedPrediction, type StoredPrediction } from './classificationRun.ts';
import {
  armMetricsSchema,
  roundResultSchema,
  runEventSchema,
  runMetricsSchema,
  storedCompletionSchema,
  storedDivergenceSchema,
  storedPromptSchema,
  storedVerdictSchema,
  tuningTrialSchema,
  type ArmMetrics,
  type RoundResult,
  type RunEvent,
  type RunMetrics,
  type StoredCompletion,
  type StoredDivergence,
  type StoredPrompt,
  type StoredVerdict,
  type TuningTrial,
} from './run.ts';
import { currentArmMetrics, currentEvent, currentRound, currentRunMetrics } from './runFormat1.ts';

/** A line of `events.jsonl` of either format; undefined for what is none. */
export function readEvent(value: unknown): RunEvent | undefined {
  return read(runEventSchema, currentEvent(value));
}

/** `metrics.json` of either format; undefined for what is none. */
export function readRunMetrics(value: unknown): RunMetrics | undefined {
  return read(runMetricsSchema, currentRunMetrics(value));
}

/** An arm's metrics of either format; undefined for what is none. */
export function readArmMetrics(value: unknown): ArmMetrics | undefined {
  return read(armMetricsSchema, currentArmMetrics(value));
}

/** A round of mitigation of either format; undefined for what is none. */
export function readRound(value: unknown): RoundResult | undefined {
  return read(roundResultSchema, currentRound(value));
}

export function isStoredPrediction(value: unknown): value is StoredPrediction {
  return storedPrediction.safeParse(value).success;
}

export function isStoredPrompt(value: unknown): value is StoredPrompt {
  return storedPromptSchema.safeParse(value).success;
}

export function isTuningTrial(value: unknown): value is TuningTrial {
  return tuningTrialSchema.safeParse(value).success;
}

export function isStoredCompletion(value: unknown): value is StoredCompletion {
  return storedCompletionSchema.safeParse(value).success;
}

export function isStoredDivergence(value: unknown): value is StoredDivergence {
  return storedDivergenceSchema.safeParse(value).success;
}

export function isStoredVerdict(value: unknown): value is StoredVerdict {
  return storedVerdictSchema.safeParse(value).success;
}

function read<T>(schema: z.ZodType<T>, value: unknown): T | undefined {
  const parsed = schema.safeParse(value);
  return parsed.success ? parsed.data : undefined;
}
